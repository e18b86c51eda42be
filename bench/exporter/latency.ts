// From the end of a span to its event in another process, through Redis, of an agent that pauses so many milliseconds between
// spans. Prints one line of JSON, in milliseconds.
import { trace } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { AurenSpanProcessor } from '../../src/exporters/span-processor.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { aurenAttributes } from '../../src/translate/dialects/auren.ts'

const wallClock = () => performance.timeOrigin + performance.now()
const [url = '', pause = '', count = '', role] = process.argv.slice(2)
const [pauseMs, events] = [Number(pause), Number(count)]

if (role === 'agent') await work()
else await measure()

async function work(): Promise<void> {
  const provider = new TracerProvider({ spanProcessors: [new AurenSpanProcessor({ stream: url, spoolDir: false })] })
  trace.setGlobalTracerProvider(provider)
  for (let number = 0; number < events; number += 1) {
    const span = provider.getTracer('bench').startSpan('remark')
    const { eventType, payload, timed } = aurenAttributes
    span.setAttributes({
      [eventType]: 'system_health',
      [payload]: JSON.stringify({ sent: wallClock() }),
      [timed]: false,
    })
    span.end()
    await sleep(pauseMs)
  }
  await provider.shutdown()
}

async function measure(): Promise<void> {
  const stream = await openStream(url)
  let { last } = await stream.info()
  const agent = spawn(process.execPath, [fileURLToPath(import.meta.url), url, pause, count, 'agent'], {
    stdio: 'inherit',
  })
  const delays: number[] = []
  while (delays.length < events && agent.exitCode === null) {
    const page = await stream.read(last, { waitMs: 1_000 })
    const now = wallClock()
    for (const { event } of page.entries) delays.push(now - Number(event.payload['sent']))
    last = page.next
  }
  await stream.close()
  delays.sort((a, b) => a - b)
  const at = (share: number) => delays[Math.floor(share * (delays.length - 1))]
  console.log(JSON.stringify({ events: delays.length, p50: at(0.5), p99: at(0.99) }))
}
