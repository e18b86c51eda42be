// Run as a thread: writes so many events in small lots, waits until they are in the stream, and says which they were.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import { Spool } from '../../src/exporters/spool.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'

const { url, folder, events } = workerData as { url: string; folder: string; events: number }
const writer = new EventWriter({
  open: () => openStream(url, { timeoutMs: 300 }),
  spool: new Spool({ folder }),
  spoolAfterMs: 50,
  minRetryMs: 5,
  maxRetryMs: 50,
  onStateChange: (state) => parentPort?.postMessage({ state }),
})
const produced: string[] = []
while (produced.length < events) {
  // Made-up ids are those of the other thread, too.
  const event = anEvent({ event_id: randomUUID() })
  produced.push(event.event_id)
  writer.write([event])
  if (produced.length % 5 === 0) await sleep(1)
}
const flushed = await writer.flush(30_000)
const { adopted } = writer.stats
await writer.close()
parentPort?.postMessage({ produced, flushed, adopted })
