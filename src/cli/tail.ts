import { once } from 'node:events'
import { connect } from '../client/live-client.ts'
import type { ClientState, LiveClient } from '../client/live-client.ts'
import { AurenError } from '../errors.ts'
import { eventTypes } from '../events/event-types.ts'
import { CommandError } from './command-error.ts'
import { eventLine, usesColour } from './event-line.ts'

export interface TailArguments {
  readonly url: string
  readonly token: string
  readonly agent: readonly string[]
  readonly type: readonly string[]
  readonly json?: true
  readonly resume?: string
}

/** `auren tail`: prints events until Ctrl-C. Survives restarts of the gateway; ends when the token is refused. */
export async function runTail({ url, token, agent, type, json, resume }: TailArguments): Promise<void> {
  checkTypes(type)
  const client = connect({
    url,
    token,
    ...(agent.length > 0 ? { agents: agent } : {}),
    ...(resume === undefined ? {} : { resume }),
    onState: createTeller(url),
    onDropped: (count) => console.error(`auren: ${count} events are missing here: the output was too slow for them`),
    onGap: ({ missed, reason }) => console.error(`auren: ${missed ?? 'some'} events are missing here (${reason})`),
  })
  // The reader of the pipe is gone, as with `| head`: that is an end, not an error.
  process.stdout.on('error', () => process.exit(0))
  process.once('SIGINT', () => client.close())
  process.once('SIGTERM', () => client.close())
  const colour = usesColour()
  for await (const event of client) {
    if (type.length > 0 && !type.includes(event.event_type)) continue
    const line = `${json ? JSON.stringify(event) : eventLine(event, colour)}\n`
    // A slow pipe makes events wait in the client, where their number is bounded, instead of here.
    if (!process.stdout.write(line)) await once(process.stdout, 'drain')
  }
  if (client.position !== undefined) console.error(`auren: go on from here with --resume ${client.position}`)
  if (client.reason !== undefined) throw refusal(client)
}

/** Says on stderr, with or without --json, what a quiet output cannot say. */
function createTeller(url: string): (state: ClientState, reason: string | undefined) => void {
  let wasLive = false
  return (state, reason) => {
    const why = reason === undefined ? '' : ` (${reason})`
    if (state === 'live' && wasLive) console.error('auren: connected again')
    else if (state === 'live') console.error(`auren: connected to ${url}; Ctrl-C ends`)
    if (state === 'reconnecting' && wasLive) console.error(`auren: the connection was lost${why}. Trying again`)
    else if (state === 'reconnecting')
      console.error(`auren: ${url} cannot be reached${why}; is \`auren gateway\` running? Trying again`)
    wasLive ||= state === 'live'
  }
}

function checkTypes(types: readonly string[]): void {
  const known: readonly string[] = eventTypes
  const unknown = types.find((type) => !known.includes(type))
  if (unknown === undefined) return
  throw new AurenError('AUREN_OPTIONS_INVALID', { detail: `--type is one of ${known.join(', ')}` })
}

const tokenReasons: readonly (string | undefined)[] = ['auth_failed', 'token_expired']

function refusal({ reason }: LiveClient): Error {
  if (!tokenReasons.includes(reason)) return new CommandError(`the gateway ended the connection for good (${reason}).`)
  return new AurenError('AUREN_AUTH_FAILED', {
    detail: `${reason}; \`auren token\` makes one, for --token or AUREN_TOKEN`,
  })
}
