import type { AgentRef } from '../events/event.ts'
import type { AurenEventType } from '../events/event-types.ts'
import type { SpanRecord } from './span-record.ts'

/**
 * What a dialect reads from one span. Only facts: a key whose value the span does not show is left out. Cost, latency,
 * inheritance and the envelope are added later, in one place for all dialects.
 */
export interface SpanFacts {
  /** Name of the dialect that understood the span, as in `metadata.dialect`. */
  readonly dialect: string
  /** Framework or library behind the span, as in `metadata.platform`. */
  readonly platform: string
  /** Type of the event that is published when the span starts; absent: nothing is. */
  readonly startedType?: AurenEventType
  readonly finishedType: AurenEventType
  /** Worth an event only below an agent: a database query, say. */
  readonly needsAgent?: boolean
  /** A LangGraph graph: an agent only where it lies in the node of its own name, or has a node `agent`. */
  readonly agentGraph?: 'nested' | 'with_agent_node'
  /** What the agent's own calls used in all, where their spans do not show all of it: payload keys of `llm_call`. */
  readonly ownUsage?: Readonly<Record<string, unknown>>
  /** The agent that this span is (an agent execution) or that it names. Absent: the nearest agent above. */
  readonly agent?: AgentRef | undefined
  readonly target?: AgentRef | undefined
  /** It is a step of the agent above the one that the span is. */
  readonly isOfAgentAbove?: boolean
  /** Agents below it have their tasks from it, which is no collaboration: a crew. */
  readonly isTeam?: boolean
  /** How it came to an agent's execution below another agent, default `delegation`. */
  readonly collaborationType?: string
  readonly sessionId?: string | undefined
  readonly userId?: string | undefined
  /** A value that is undefined is no fact, as if its key were not there. */
  readonly payload: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
  /** A step that took time gets performance_metrics; a remark of a moment (a decision, say) does not. */
  readonly timed: boolean
  /** 0 to 1. */
  readonly confidence?: number | undefined
}

export interface DialectOptions {
  /** Prompts, completions, tool arguments and results are read only when true. */
  readonly captureContent: boolean
}

/** Pure. null: not this dialect's span. An empty list: its span, but of no interest. The first entry is the span itself. */
export type Dialect = (span: SpanRecord, options: DialectOptions) => readonly SpanFacts[] | null
