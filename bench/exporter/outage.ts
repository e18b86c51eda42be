// Ten minutes without Redis at 1,000 events a second, compressed: the same 600,000 events as fast as the disk takes them,
// then Redis comes back. Prints one line of JSON.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import { Spool } from '../../src/exporters/spool.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import type { AurenEvent } from '../../src/events/event.ts'

const url = process.argv[2] ?? ''
const events = 600_000
const perTurn = 100
const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
let away = true
let gaps = 0

async function open(): Promise<EventStream> {
  if (away) throw new Error('away')
  const stream = await openStream(url)
  const append = stream.append.bind(stream)
  stream.append = (batch) => {
    gaps += batch.filter(({ event_type: type }) => type === 'telemetry_gap').length
    return append(batch)
  }
  return stream
}

const writer = new EventWriter({
  open,
  spool: new Spool({ folder }),
  maxRetryMs: 200,
})

function anEvent(number: number): AurenEvent {
  return {
    event_id: randomUUID(), trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', session_id: 'session-1',
    timestamp: new Date().toISOString(), event_type: number % 2 === 0 ? 'llm_call_started' : 'llm_call',
    source_agent: { id: 'neuroscientist', role: 'Neuroscientist' }, target_agent: null,
    payload: { model: 'gpt-5-mini', provider: 'openai', operation: 'chat' }, metadata: { platform: 'bench' },
    user_id: 'ann', span_id: '00f067aa0ba902b7', parent_span_id: null, tenant_id: null,
  } // prettier-ignore
}

let [maxQueueBytes, maxRss, maxSpool] = [0, 0, 0]
const before = process.memoryUsage.rss()
for (let made = 0; made < events; made += perTurn) {
  writer.write(Array.from({ length: perTurn }, (_, i) => anEvent(made + i)))
  maxQueueBytes = Math.max(maxQueueBytes, writer.stats.queuedBytes)
  maxRss = Math.max(maxRss, process.memoryUsage.rss())
  if (made % 10_000 === 0) maxSpool = Math.max(maxSpool, writer.stats.spooledBytes)
  await turn()
}
const { spooledEvents, dropped } = writer.stats
away = false
await writer.flush(300_000)
const { written } = writer.stats
await writer.close()
rmSync(folder, { recursive: true })
const mb = (bytes: number) => bytes / 1024 / 1024
console.log(
  JSON.stringify({
    events,
    maxQueueMb: mb(maxQueueBytes),
    rssGrowthMb: mb(maxRss - before),
    maxSpoolMb: mb(maxSpool),
    spooledEvents,
    dropped: dropped.queue_full,
    delivered: written - gaps,
    unaccounted: events - dropped.queue_full - (written - gaps),
  }),
)
