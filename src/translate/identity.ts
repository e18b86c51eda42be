import type { AgentRef } from '../events/event.ts'
import { known, text } from './attributes.ts'
import type { Attributes } from './span-record.ts'

/** What a span says of who it belongs to, whatever else it is; spans below inherit it. */
export interface Identity {
  readonly agent: AgentRef | undefined
  readonly sessionId: string | undefined
  readonly userId: string | undefined
}

/** Identity in the names that frameworks put on spans of any kind. */
export function identityOf(a: Attributes): Identity {
  return {
    agent: namedAgent(a),
    sessionId: text(a, 'gen_ai.conversation.id', 'session.id', 'traceloop.association.properties.session_id'),
    userId: text(a, 'user.id', 'enduser.id', 'traceloop.association.properties.user_id'),
  }
}

/** The conventions give an agent a name and, when it is hosted, a stable id; our own API adds a role. */
export function namedAgent(a: Attributes): AgentRef | undefined {
  const name = text(a, 'gen_ai.agent.name')
  // CrewAI makes a new id for each object; its name, the role, is what stays.
  const id = (text(a, 'traceloop.span.kind') === undefined ? text(a, 'gen_ai.agent.id') : undefined) ?? name
  if (id === undefined) return undefined
  return {
    id,
    role: text(a, 'auren.agent.role') ?? name ?? id,
    ...known({
      name,
      version: text(a, 'gen_ai.agent.version'),
      description: text(a, 'gen_ai.agent.description'),
      goal: text(a, 'auren.agent.goal'),
    }),
  }
}
