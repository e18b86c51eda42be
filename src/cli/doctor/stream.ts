import type { EventStream } from '../../streams/event-stream.ts'
import { because, timeoutMs } from './finding.ts'
import type { Finding } from './finding.ts'

/** Reads the state of the stream and its newest event. Writes nothing. */
export async function checkStream(stream: EventStream): Promise<Finding> {
  try {
    const [info, [newest]] = await within(Promise.all([stream.info(), stream.recent(1)]))
    const facts = { name: stream.name, length: info.length, max_length: info.maxLength }
    if (newest === undefined)
      return finding('note', `${stream.name} is empty; do the agents have the same AUREN_STREAM_URL?`, facts)
    const { timestamp, event_type: type, source_agent: agent } = newest.event
    const last = `${type}${agent === null ? '' : ` of ${agent.id}`} at ${timestamp}`
    return finding('ok', `${stream.name} has ${info.length} events, the newest ${last}`, {
      ...facts,
      newest: timestamp,
    })
  } catch (error) {
    return finding('broken', `${stream.name}: ${because(error)}`)
  }
}

function finding(verdict: Finding['verdict'], text: string, facts: Finding['facts'] = {}): Finding {
  return { hop: 'stream', verdict, text, facts }
}

/** A server that takes the connection and says nothing is as good as none. */
async function within<T>(work: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(timeoutMs)
  return Promise.race([
    work,
    new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error(`it did not answer within ${timeoutMs / 1000} s`)))
    }),
  ])
}
