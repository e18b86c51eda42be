// Ready-made events into Redis by three ways, in a process of its own: our writer, a plain ioredis pipeline of the same
// XADDs, and raw RESP on a socket. Rounds take turns, so that a busy machine is busy for all. Prints one line of JSON: how
// many a second, and µs of CPU for each.
import { Redis } from 'ioredis'
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import type { AurenEvent } from '../../src/events/event.ts'
import { toFieldList } from '../../src/events/field-list.ts'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { RedisCommands } from '../../src/streams/redis-commands.ts'

const url = process.argv[2] ?? ''
const events = 20_000
const batch = 256
const rounds = 7
const xadd = ['XADD', 'bench', 'MAXLEN', '~', '50000', '*'] as const

function anEvent(): AurenEvent {
  const agent = { id: 'neuroscientist', role: 'Neuroscientist' }
  return {
    event_id: randomUUID(), trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', session_id: 'session-1',
    timestamp: '2026-11-21T04:30:00.123+00:00', event_type: 'llm_call', source_agent: agent, target_agent: null,
    payload: {
      model: 'gpt-5-mini-2025-08-07', request_model: 'gpt-5-mini', provider: 'openai', operation: 'chat', input_tokens: 312,
      output_tokens: 88, cached_input_tokens: 128, tokens_used: 400, cost: 0.00022, cost_source: 'price_table',
      latency_ms: 812.331, success: true, finish_reasons: ['stop'], response_id: 'chatcmpl-1',
    },
    metadata: { platform: 'bench', service: 'lab', dialect: 'gen_ai', span_name: 'chat gpt-5-mini', ancestor_agents: ['lead'] },
    user_id: 'ann', span_id: '00f067aa0ba902b7', parent_span_id: '00f067aa0ba902b8', tenant_id: null,
  } // prettier-ignore
}

const all = Array.from({ length: events }, anEvent)
const batches = Array.from({ length: Math.ceil(events / batch) }, (_, i) => all.slice(i * batch, (i + 1) * batch))
const client = new Redis(url)
const socket = connect(Number(new URL(url).port), '127.0.0.1').setNoDelay(true)
const writer = new EventWriter({ open: () => openStream(`${url}?stream=bench`, { countsAppends: false }), spoolAfterMs: 60_000, maxQueueBytes: 2 ** 30, maxQueueEvents: events }) // prettier-ignore

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  auren: () => {
    writer.write(all)
    return writer.flush(60_000)
  },
  pipeline: async () => {
    for (const some of batches) {
      const pipeline = client.pipeline()
      for (const event of some) pipeline.call(...xadd, ...toFieldList(event))
      await pipeline.exec()
    }
  },
  raw: async () => {
    for (const some of batches) {
      const commands = new RedisCommands()
      for (const event of some) commands.add(...xadd, ...toFieldList(event))
      socket.write(commands.bytes)
      await replies(some.length)
    }
  },
}

/** Each reply is one bulk string: two line ends. */
function replies(count: number): Promise<void> {
  return new Promise((resolve) => {
    let ends = 0
    const read = (data: Buffer) => {
      for (const byte of data) if (byte === 10) ends += 1
      if (ends < count * 2) return
      socket.off('data', read)
      resolve()
    }
    socket.on('data', read)
  })
}

const figures = new Map<string, number[]>()
const note = (name: string, value: number) => figures.set(name, [...(figures.get(name) ?? []), value])
for (let round = 0; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(ways)) {
    await client.del('bench', 'bench:meta')
    const [began, before] = [performance.now(), process.cpuUsage()]
    await run()
    const [taken, { user, system }] = [performance.now() - began, process.cpuUsage(before)]
    if ((await client.xlen('bench')) !== events) throw new Error(`${name} lost events`)
    // The first rounds warm up.
    if (round < 2) continue
    note(`${name}PerSecond`, (events / taken) * 1_000)
    note(`${name}CpuMicros`, (user + system) / events)
  }
}
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
console.log(JSON.stringify(Object.fromEntries([...figures].map(([name, values]) => [name, median(values)]))))
client.disconnect()
socket.destroy()
await writer.close()
