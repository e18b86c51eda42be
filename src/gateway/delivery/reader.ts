import type { ServerMessage } from '../../protocol/server-messages.ts'
import type { Budget } from './budget.ts'
import type { Sink } from './sink.ts'
import type { View } from './view.ts'

/** The connection that a subscriber reads for. */
export interface Reader {
  readonly sink: Sink
  readonly view: View
  readonly budget?: Budget | undefined
  send(message: ServerMessage): void
  delivered(events: number): void
  resumed(outcome: 'ok' | NonNullable<Extract<ServerMessage, { type: 'resume_result' }>['reason']>): void
}
