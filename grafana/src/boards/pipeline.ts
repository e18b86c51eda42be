import * as units from '@grafana/grafana-foundation-sdk/units'
import type { Board } from '../board.ts'
import { bucketIncrease } from '../figures.ts'
import { gateway, label, metrics, runtime } from '../metrics.ts'
import { heatmap, series, stat } from '../panels.ts'
import { increase, quantile, range, rate, select } from '../query.ts'
import { redisClients, redisCommands, redisMemory } from '../redis-panels.ts'

const { dropReason } = label
const perInstance = '{{instance}}'

export const pipeline: Board = {
  uid: 'auren-pipeline',
  title: 'AUREN / Pipeline health',
  description: 'Is what the other boards show complete and fresh? From agent processes over the stream to the clients.',
  variables: [],
  rows: [
    {
      title: 'Complete and fresh',
      lines: [{ height: 4, panels: [dropped(), missed(), age(), ready(), clients(), slow()] }],
    },
    { title: 'Agent processes', lines: [{ height: 8, panels: [written(), queueFill(), retries(), drops()] }] },
    { title: 'Stream', lines: [{ height: 8, panels: [length(), ages()] }] },
    { title: 'Redis', lines: [{ height: 8, panels: [redisMemory(), redisClients(), redisCommands()] }] },
    {
      title: 'Gateways',
      lines: [
        { height: 8, panels: [connections(), deliveries(), latency()] },
        { height: 8, panels: [latencyMap(), gatewayDrops(), closings()] },
      ],
    },
    { title: 'Processes and scrapes', lines: [{ height: 8, panels: [eventLoop(), scrapes(), samples()] }] },
  ],
}

function dropped() {
  return stat({
    title: 'Events given up',
    description:
      'Events that agent processes could not keep, in the time range. Each loss is announced on the feed too.',
    unit: units.Short,
    worse: [1, 1],
    expr: increase(metrics.exporterDropped, { over: range }),
  })
}

function missed() {
  return stat({
    title: 'Events missed',
    description: 'Events that were trimmed from the stream before a gateway read them, in the time range.',
    unit: units.Short,
    worse: [1, 1],
    expr: increase(gateway.missed, { over: range }),
  })
}

function age() {
  return stat({
    title: 'Newest event',
    description: 'Age of the newest event that a gateway has read. While agents work it stays below a heartbeat.',
    unit: units.Seconds,
    worse: [30, 120],
    noValue: 'No events',
    expr: `min(${select(gateway.lastEventAge)})`,
  })
}

function ready() {
  return stat({
    title: 'Gateways ready',
    description: 'Gateways that read the stream, of those that Prometheus reaches: 100 % or somebody sees nothing.',
    unit: units.PercentUnit,
    better: [0.5, 1],
    expr: `avg(${select(gateway.ready)})`,
  })
}

function clients() {
  return stat({
    title: 'Clients',
    description: 'Open connections of live clients.',
    unit: units.Short,
    expr: `sum(${select(gateway.connections)})`,
  })
}

function slow() {
  return stat({
    title: 'Slow clients',
    description: 'Clients that read more slowly than events come.',
    unit: units.Short,
    worse: [1, 10],
    expr: `sum(${select(gateway.slowConsumers)})`,
  })
}

function written() {
  return series({
    title: 'Events written',
    description: 'Events that each process writes to the stream, a second.',
    unit: units.EventsPerSecond,
    queries: [{ expr: rate(metrics.exporterEvents, { by: ['instance'] }), legend: perInstance }],
  })
}

function queueFill() {
  return series({
    title: 'Queue',
    description: 'How full the queue of a process is. At 100 % details are given up first, then structure.',
    unit: units.PercentUnit,
    worse: [0.5, 0.8],
    queries: [
      {
        expr: `max by (instance) (${select(metrics.queueSize)} / ${select(metrics.queueCapacity)})`,
        legend: perInstance,
      },
    ],
  })
}

function retries() {
  return series({
    title: 'Writes tried again',
    description: 'Attempts to write that failed, a second.',
    unit: units.CountsPerSecond,
    queries: [{ expr: rate(metrics.exporterRetries, { by: ['instance'] }), legend: perInstance }],
  })
}

function drops() {
  return series({
    title: 'Events given up, by reason',
    description: 'Events given up, a second.',
    unit: units.EventsPerSecond,
    stacked: true,
    queries: [{ expr: rate(metrics.exporterDropped, { by: [dropReason] }), legend: `{{${dropReason}}}` }],
  })
}

function length() {
  return series({
    title: 'Stream length',
    description: 'Events in the stream and how many it keeps; at the limit the oldest go.',
    unit: units.Short,
    queries: [
      { expr: `max(${select(gateway.streamLength)})`, legend: 'events' },
      { expr: `max(${select(gateway.streamMaxLength)})`, legend: 'limit' },
    ],
  })
}

function ages() {
  return series({
    title: 'Age of the newest event',
    description: 'A line that climbs while agents work means that nothing arrives.',
    unit: units.Seconds,
    worse: [30, 120],
    queries: [{ expr: `min by (instance) (${select(gateway.lastEventAge)})`, legend: perInstance }],
  })
}

function connections() {
  return series({
    title: 'Connections',
    description: 'Open connections of each gateway, and how many it takes.',
    unit: units.Short,
    queries: [
      { expr: `sum by (instance) (${select(gateway.connections)})`, legend: perInstance },
      { expr: `min(${select(gateway.connectionsLimit)})`, legend: 'limit' },
    ],
  })
}

function deliveries() {
  return series({
    title: 'Events read and delivered',
    description: 'Events read from the stream, and events sent to clients, a second.',
    unit: units.EventsPerSecond,
    queries: [
      { expr: rate(gateway.events), legend: 'read' },
      { expr: rate(gateway.deliveries), legend: 'delivered' },
    ],
  })
}

function latency() {
  return series({
    title: 'From event to client',
    description: 'From the time an event states to its sending: half, 95 and 99 of 100 are faster.',
    unit: units.Seconds,
    worse: [0.32, 1.28],
    queries: [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q, gateway.deliveryLatency), legend: `p${q * 100}` })),
  })
}

function latencyMap() {
  return heatmap({
    title: 'From event to client, all of them',
    description: 'How many events took how long.',
    unit: units.Seconds,
    expr: bucketIncrease(gateway.deliveryLatency),
  })
}

function gatewayDrops() {
  return series({
    title: 'Not sent, by reason',
    description: 'Events that a client should have had and was told it did not get, a second.',
    unit: units.EventsPerSecond,
    stacked: true,
    queries: [{ expr: rate(gateway.dropped, { by: [dropReason] }), legend: `{{${dropReason}}}` }],
  })
}

function closings() {
  return series({
    title: 'Connections closed by the gateway',
    description: 'By reason, a second. Refused tokens show here as auth_failed.',
    unit: units.CountsPerSecond,
    stacked: true,
    queries: [{ expr: rate(gateway.closed, { by: ['reason'] }), legend: '{{reason}}' }],
  })
}

function eventLoop() {
  return series({
    title: 'Event loop p99',
    description: 'How late a process runs its timers.',
    unit: units.Seconds,
    worse: [0.05, 0.1],
    queries: [{ expr: `max by (instance) (${select(runtime.eventLoopDelay)})`, legend: perInstance }],
  })
}

function scrapes() {
  return series({
    title: 'Scrape duration',
    description: 'How long Prometheus needs to read a process.',
    unit: units.Seconds,
    queries: [{ expr: select('scrape_duration_seconds'), legend: perInstance }],
  })
}

function samples() {
  return series({
    title: 'Series of a process',
    description: 'Series that a scrape brings. More than 10,000 of one process is a label out of hand.',
    unit: units.Short,
    worse: [10_000, 20_000],
    queries: [{ expr: select('scrape_samples_post_metric_relabeling'), legend: perInstance }],
  })
}
