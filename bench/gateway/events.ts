import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AurenEvent } from '../../src/events/event.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'

export const agents = Array.from({ length: 20 }, (_, index) => `agent-${index}`)

/** Writes one event after the other at this rate, and gives the last one a second to arrive. */
export async function pace(stream: EventStream, perSecond: number, seconds: number): Promise<void> {
  const startedAt = performance.now()
  for (let number = 0; number < perSecond * seconds; number += 1) {
    await stream.append([anEvent(number)])
    const ahead = startedAt + ((number + 1) * 1_000) / perSecond - performance.now()
    if (ahead > 1) await sleep(ahead)
  }
  await sleep(1_000)
}

/** A model call as agents write it, about 700 bytes as a message; `sent` is the moment it was made. */
export function anEvent(number: number): AurenEvent {
  const id = agents[number % agents.length] ?? ''
  return {
    event_id: randomUUID(),
    trace_id: randomUUID().replaceAll('-', ''),
    session_id: 'session-1',
    timestamp: new Date().toISOString().replace('Z', '+00:00'),
    event_type: 'llm_call',
    source_agent: { id, role: id },
    target_agent: null,
    payload: {
      model: 'gpt-5-mini', provider: 'openai', operation: 'chat', input_tokens: 312, output_tokens: 88, tokens_used: 400, cost: 0.0021,
      cost_source: 'price_table', latency_ms: 1_812, success: true, sent: performance.timeOrigin + performance.now(),
    },
    metadata: { platform: 'bench', service: 'bench', dialect: 'gen_ai', span_name: 'chat gpt-5-mini' },
    user_id: 'user-1',
    span_id: '00f067aa0ba902b7',
    parent_span_id: null,
    tenant_id: null,
  } // prettier-ignore
}
