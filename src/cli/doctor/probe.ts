import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../client/live-client.ts'
import type { AurenEvent } from '../../events/event.ts'
import { toTimestamp } from '../../events/timestamp.ts'
import { tenantOf } from '../../exporters/export-options.ts'
import type { EventStream } from '../../streams/event-stream.ts'
import { because, timeoutMs } from './finding.ts'
import type { Finding } from './finding.ts'

/** Writes one event of type system_health to the stream and waits for it as a client of the gateway. */
export async function probe(stream: EventStream, url: string, token: string): Promise<Finding> {
  const event = probeEvent()
  const arrived = Promise.withResolvers<'live' | 'arrived' | 'refused'>()
  const live = Promise.withResolvers<void>()
  const client = connect({
    url,
    token,
    onState: (state) => {
      if (state === 'live') live.resolve()
      if (state === 'closed') arrived.resolve('refused')
    },
    onMessage: (message) => {
      if (message.type === 'stream_event' && message.event.event_id === event.event_id) arrived.resolve('arrived')
    },
  })
  try {
    await Promise.race([live.promise, arrived.promise, sleep(timeoutMs)])
    const start = performance.now()
    await stream.append([event])
    const outcome = await Promise.race([arrived.promise, sleep(timeoutMs, 'late' as const)])
    if (outcome === 'arrived')
      return finding(
        'ok',
        `an event came from ${stream.name} through the gateway in ${Math.round(performance.now() - start)} ms`,
      )
    const advice = 'does the gateway read this stream, and may the token see every event of tenant'
    return finding(
      'broken',
      `an event in ${stream.name} did not come through the gateway; ${advice} ${event.tenant_id ?? '(none)'}?`,
    )
  } catch (error) {
    return finding('broken', `no event can be written to ${stream.name}: ${because(error)}`)
  } finally {
    client.close()
  }
}

function probeEvent(): AurenEvent {
  return {
    event_id: randomUUID(),
    trace_id: null,
    session_id: null,
    timestamp: toTimestamp(Date.now()),
    event_type: 'system_health',
    source_agent: null,
    target_agent: null,
    payload: { component: 'auren doctor', status: 'probe' },
    metadata: { platform: 'auren' },
    user_id: null,
    span_id: null,
    parent_span_id: null,
    tenant_id: tenantOf({}, process.env),
  }
}

function finding(verdict: Finding['verdict'], text: string): Finding {
  return { hop: 'probe', verdict, text }
}
