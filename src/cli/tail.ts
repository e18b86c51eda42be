import { connect } from '../client/live-client.ts'
import type { ClientState } from '../client/live-client.ts'
import { AurenError } from '../errors.ts'
import { eventLine, usesColour } from './event-line.ts'

export interface TailArguments {
  readonly url: string
  readonly token: string
  readonly agent: readonly string[]
  readonly type: readonly string[]
  readonly json?: true
}

/** `auren tail`: prints events until Ctrl-C. Survives restarts of the gateway; ends when the token is refused. */
export async function runTail({ url, token, agent, type, json }: TailArguments): Promise<void> {
  let refusal: string | undefined
  const client = connect({
    url,
    token,
    ...(agent.length > 0 ? { agents: agent } : {}),
    onState: (state, reason) => {
      if (state === 'closed') refusal = reason
      if (!json) tell(state, url)
    },
    onMessage: (message) => {
      if (message.type === 'gap')
        console.error(`auren: ${message.missed ?? 'some'} events are missing (${message.reason})`)
    },
  })
  // The reader of the pipe is gone, as with `| head`: that is an end, not an error.
  process.stdout.on('error', () => process.exit(0))
  process.once('SIGINT', () => client.close())
  process.once('SIGTERM', () => client.close())
  const colour = usesColour()
  for await (const event of client) {
    if (type.length > 0 && !type.includes(event.event_type)) continue
    process.stdout.write(`${json ? JSON.stringify(event) : eventLine(event, colour)}\n`)
  }
  if (refusal !== undefined) throw new AurenError('AUREN_AUTH_FAILED', { detail: refusal })
}

function tell(state: ClientState, url: string): void {
  if (state === 'live') console.error(`auren: connected to ${url}; Ctrl-C ends`)
  if (state === 'reconnecting')
    console.error(`auren: ${url} cannot be reached; is \`auren gateway\` running? Trying again`)
}
