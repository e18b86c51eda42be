import { TracerProvider } from '@opentelemetry/sdk-trace'
import { connect } from '../../client/live-client.ts'
import { tenantOf } from '../../exporters/export-options.ts'
import { AurenSpanProcessor } from '../../exporters/span-processor.ts'
import { withinTime } from '../../exporters/within-time.ts'
import type { EventStream } from '../../streams/event-stream.ts'
import { aurenAttributes } from '../../translate/dialects/auren.ts'
import { timeoutMs } from './finding.ts'
import type { Finding } from './finding.ts'

/** Makes one span, which goes the way of an agent's spans, and waits for its event as a client of the gateway. */
export async function probe(stream: EventStream, url: string, token: string): Promise<Finding[]> {
  const processor = new AurenSpanProcessor({ stream, spoolDir: false, heartbeatMs: 0 })
  const arrived = Promise.withResolvers<'arrived' | 'refused'>()
  const live = Promise.withResolvers<void>()
  let made = ''
  const client = connect({
    url,
    token,
    onState: (state) => {
      if (state === 'live') live.resolve()
      if (state === 'closed') arrived.resolve('refused')
    },
    onMessage: (message) => {
      if (message.type === 'stream_event' && made !== '' && message.event.span_id === made) arrived.resolve('arrived')
    },
  })
  try {
    await withinTime(timeoutMs, Promise.race([live.promise, arrived.promise]))
    const start = performance.now()
    made = makeSpan(processor)
    const isWritten = await processor.settle(timeoutMs)
    if (!isWritten) return [tellExport(stream, false)]
    const isThere = (await withinTime(timeoutMs, arrived.promise)) && (await arrived.promise) === 'arrived'
    const ms = isThere ? Math.round(performance.now() - start) : undefined
    return [tellExport(stream, true), tellArrival(stream, ms)]
  } finally {
    client.close()
    await processor.shutdown()
  }
}

/** A sign of health without an agent: it is no step of a run, and changes nobody's figures. */
function makeSpan(processor: AurenSpanProcessor): string {
  const tracer = new TracerProvider({ spanProcessors: [processor] }).getTracer('auren doctor')
  const attributes = {
    [aurenAttributes.eventType]: 'system_health',
    [aurenAttributes.payload]: JSON.stringify({ event: 'a probe of auren doctor' }),
  }
  const span = tracer.startSpan('probe', { attributes })
  span.end()
  return span.spanContext().spanId
}

function tellExport({ name }: EventStream, isWritten: boolean): Finding {
  return isWritten
    ? { hop: 'export', verdict: 'ok', text: `a span of this process is written to ${name}` }
    : { hop: 'export', verdict: 'broken', text: `no span can be written to ${name}; the warning above says why` }
}

function tellArrival({ name }: EventStream, ms: number | undefined): Finding {
  if (ms !== undefined)
    return { hop: 'probe', verdict: 'ok', text: `its event came from ${name} through the gateway in ${ms} ms` }
  const tenant = tenantOf({}, process.env) ?? '(none)'
  const advice = `does the gateway read this stream, and may the token see every event of tenant ${tenant}?`
  return { hop: 'probe', verdict: 'broken', text: `its event in ${name} did not come through the gateway; ${advice}` }
}
