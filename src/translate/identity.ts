import type { AgentRef } from '../events/event.ts'
import { known, text } from './attributes.ts'
import type { Attributes, SpanRecord } from './span-record.ts'

/** What a span says of who it belongs to, whatever else it is; spans below inherit it. */
export interface Identity {
  readonly agent: AgentRef | undefined
  readonly sessionId: string | undefined
  readonly userId: string | undefined
  /** The span is the node `agent` of a LangGraph graph: the graph right above it is an agent. */
  readonly isAgentNode: boolean
  /** The task that a crew has given. */
  readonly taskId: string | undefined
}

/** Identity in the names that frameworks put on spans of any kind. */
export function identityOf({ name, attributes: a }: Pick<SpanRecord, 'name' | 'attributes'>): Identity {
  // A JSON object that LangChain gives to every span of a run. It is long, so that it is searched and not parsed.
  const metadata = text(a, 'metadata')
  return {
    agent: agentIn(a) ?? createAgentName(metadata),
    sessionId: sessionOf(a),
    userId: text(a, 'user.id', 'enduser.id', 'traceloop.association.properties.user_id', 'ai.settings.context.userId'),
    isAgentNode: name === 'agent' && (metadata?.includes('"langgraph_node":"agent"') ?? false),
    taskId: taskOf(a),
  }
}

function sessionOf(a: Attributes): string | undefined {
  // CrewAI's own tracing takes a task for the conversation of a model call.
  if (a['crewai.execution_uuid'] !== undefined && text(a, 'gen_ai.operation.name') === 'chat') return undefined
  return text(
    a,
    'gen_ai.conversation.id',
    'session.id',
    'traceloop.association.properties.session_id',
    'ai.settings.context.sessionId',
    'ai.settings.context.conversationId',
    'crewai.execution_uuid',
  )
}

/** OpenInference's name for it is so plain that only CrewAI's keys beside it tell what it is. */
function taskOf(a: Attributes): string | undefined {
  const isOfCrew = a['crew_key'] !== undefined || a['agent_key'] !== undefined
  return text(a, 'crewai.task.id') ?? (isOfCrew ? text(a, 'task_id') : undefined)
}

/** LangChain's `createAgent` writes its agent's name into the metadata of all spans below it. */
function createAgentName(metadata: string | undefined): AgentRef | undefined {
  const name = metadata === undefined ? undefined : /"lc_agent_name": ?"([^"\\]+)"/.exec(metadata)?.[1]
  return name === undefined ? undefined : { id: name, role: name }
}

/** The conventions give an agent a name and, when it is hosted, a stable id; our own API adds a role. */
export function agentIn(a: Attributes): AgentRef | undefined {
  // CrewAI makes a new id for each object, and names it by a hash; the role is what stays.
  const role = text(a, 'crewai.agent.role')?.trim()
  if (role) return { id: role, role }
  const name = text(a, 'gen_ai.agent.name')
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
