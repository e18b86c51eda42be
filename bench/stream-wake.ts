// How long until an event that one process appends is readable in another: `npm run bench:wake [redis://…]`.
// Without a URL it measures the SQLite log. Prints machine, versions and percentiles.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AurenEvent } from '../src/events/event.ts'
import { openStream } from '../src/streams/open-stream.ts'

const events = 1_000
const pauseMs = 3
const wallClock = () => performance.timeOrigin + performance.now()
const [url, role] = process.argv.slice(2)

if (role === 'writer') await write(url ?? '')
else await measure(url)

async function write(streamUrl: string): Promise<void> {
  const stream = await openStream(streamUrl)
  const event: AurenEvent = {
    event_id: '', trace_id: null, session_id: null, timestamp: new Date().toISOString(), event_type: 'llm_call', source_agent: null,
    target_agent: null, payload: {}, metadata: {}, user_id: null, span_id: null, parent_span_id: null, tenant_id: null,
  } // prettier-ignore
  for (let number = 0; number < events; number += 1) {
    await stream.append([{ ...event, event_id: String(number), payload: { sent: wallClock() } }])
    await sleep(pauseMs)
  }
  await stream.close()
}

async function measure(given: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
  const streamUrl = given ?? `sqlite:${join(folder, 'events.db')}`
  const stream = await openStream(streamUrl)
  let position = (await stream.info()).last
  const writer = spawn(process.execPath, [fileURLToPath(import.meta.url), streamUrl, 'writer'], { stdio: 'inherit' })
  const delays: number[] = []
  while (delays.length < events && writer.exitCode === null) {
    const page = await stream.read(position, { waitMs: 1_000 })
    const now = wallClock()
    for (const { event } of page.entries) delays.push(now - Number(event.payload['sent']))
    position = page.next
  }
  await stream.close()
  rmSync(folder, { recursive: true, force: true })
  delays.sort((a, b) => a - b)
  const at = (q: number) => (delays[Math.floor(q * (delays.length - 1))] ?? NaN).toFixed(2)
  console.log(`${stream.name.split(':')[0]}, node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`)
  console.log(
    `append → readable in another process, ms: p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} (${delays.length} events)`,
  )
}
