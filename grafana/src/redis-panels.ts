import * as units from '@grafana/grafana-foundation-sdk/units'
import { redis } from './metrics.ts'
import { series } from './panels.ts'
import { rate, select } from './query.ts'

const perInstance = '{{instance}}'

export function redisMemory() {
  return series({
    title: 'Memory of Redis',
    description:
      'What Redis holds and what it may. At the limit it refuses events, and agents keep them on disk. Needs redis_exporter.',
    unit: units.BytesIEC,
    queries: [
      { expr: `max by (instance) (${select(redis.memoryUsed)})`, legend: perInstance },
      { expr: `max by (instance) (${select(redis.memoryLimit)}) > 0`, legend: 'limit' },
    ],
  })
}

export function redisClients() {
  return series({
    title: 'Clients of Redis',
    description: 'Connections of agents and gateways. Needs redis_exporter.',
    unit: units.Short,
    queries: [{ expr: `max by (instance) (${select(redis.clients)})`, legend: perInstance }],
  })
}

export function redisCommands() {
  return series({
    title: 'Commands and evictions of Redis',
    description:
      'Commands and evicted keys, a second. The stream is one key: an eviction may take all of it. Needs redis_exporter.',
    unit: units.CountsPerSecond,
    queries: [
      { expr: rate(redis.commands), legend: 'commands' },
      { expr: rate(redis.evicted), legend: 'evictions' },
    ],
  })
}
