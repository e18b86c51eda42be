import { createHash } from 'node:crypto'
import type { AurenEvent } from '../../events/event.ts'
import { stepFacts } from '../../protocol/step-facts.ts'
import type { StepFacts } from '../../protocol/step-facts.ts'

/** What a run keeps of one event. */
export interface KeptFacts extends StepFacts {
  /** Hash of a tool's arguments, where content is captured: to know a repetition by. */
  readonly argumentsHash: string | undefined
}

/** Undefined for an event that is no step of a run. */
export function keptFacts(event: AurenEvent): KeptFacts | undefined {
  const facts = stepFacts(event)
  const args = event.payload['arguments']
  return facts && { ...facts, argumentsHash: args === undefined ? undefined : hash(args) }
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 16)
}
