// A process of its own: a gateway on an SQLite log, and a writer of so many events a second for so many seconds.
import { setTimeout as sleep } from 'node:timers/promises'
import type { AurenEvent } from '../../src/events/event.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { startGateway } from '../../src/gateway/server.ts'
import { openStream } from '../../src/streams/open-stream.ts'

const [url = '', rate = '1000', seconds = '60'] = process.argv.slice(2)
/** Milliseconds between two appends. */
const everyMs = 20
const agents = ['neuroscientist', 'training_coach', 'nutritionist', 'recovery_agent', 'sleep_specialist']
const kinds = ['llm_call', 'tool_usage'] as const

const stream = await openStream(url)
const gateway = await startGateway({ port: 0, stream: url, dev: true, logLevel: 'silent' })
process.send?.(gateway.url)
await new Promise((resolve) => process.once('message', resolve))

/** Starts and ends by turns: each step is seen open, and twenty runs are under way at any time. */
function event(number: number): AurenEvent {
  const step = number >> 1
  const kind = kinds[step % 2] ?? 'llm_call'
  const agent = agents[step % agents.length] ?? ''
  const isEnd = number % 2 === 1
  const run = (step % 20) + 20 * Math.floor(step / 2_000)
  const spent = { latency_ms: step % 900, cost: (step % 60) / 10_000, input_tokens: 1_200, output_tokens: step % 200 }
  const named = kind === 'llm_call' ? { model: 'gpt-5-mini' } : { tool_name: 'hrv_analysis' }
  return {
    event_id: `event-${number}`,
    trace_id: run.toString(16).padStart(32, 'a'),
    session_id: `session-${run}`,
    timestamp: toTimestamp(Date.now()),
    event_type: isEnd ? kind : `${kind}_started`,
    source_agent: { id: agent, role: agent },
    target_agent: null,
    payload: { ...named, ...(isEnd && { ...spent, success: step % 50 !== 0 }) },
    metadata: {},
    user_id: 'bench',
    span_id: step.toString(16).padStart(16, '0'),
    parent_span_id: null,
    tenant_id: null,
  }
}

const began = performance.now()
let written = 0
while (performance.now() - began < Number(seconds) * 1_000) {
  const due = Math.floor(((performance.now() - began) / 1_000) * Number(rate))
  if (due > written) await stream.append(Array.from({ length: due - written }, (_, index) => event(written + index)))
  written = due
  await sleep(everyMs)
}
process.send?.(written)
await new Promise((resolve) => process.once('message', resolve))
await gateway.close()
await stream.close()
process.disconnect()
