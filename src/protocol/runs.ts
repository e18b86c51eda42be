import Type from 'typebox'
import type { Static } from 'typebox'
import { stepKinds } from './step-kinds.ts'

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Time = Type.String({ description: 'ISO 8601, milliseconds, +00:00' })
const Count = Type.Integer({ minimum: 0 })

/**
 * How a run is, as far as anybody can know: `running`; `quiet` (its process lives, nothing happened for 30 s); `stale` (its
 * process was not heard in time); `crashed` (its process is known to be gone); `completed`; `failed`.
 */
export const RunStatus = Type.Enum(['running', 'quiet', 'stale', 'crashed', 'completed', 'failed'])
export type RunStatus = Static<typeof RunStatus>

export const StepKind = Type.Enum([...stepKinds])
export type StepKind = Static<typeof StepKind>

/** One step of a run. Steps are listed oldest first; `parent` makes the tree. */
export const RunStep = Type.Object({
  span_id: Type.String(),
  parent: Nullable(Type.String({ description: 'span_id of the nearest step above that may be seen' })),
  kind: StepKind,
  name: Type.String({ description: 'of the agent, model, tool, tier, …' }),
  agent: Nullable(Type.String({ description: 'id of the agent it belongs to: its own, or the nearest above' })),
  status: Type.Enum(['open', 'ok', 'failed', 'lost'], { description: 'lost: its process is gone, it will never end' }),
  started_at: Time,
  ended_at: Nullable(Time),
  error_type: Type.Optional(Type.String()),
  tokens: Type.Optional(Count),
  cost: Type.Optional(Type.Number({ description: 'USD' })),
})
export type RunStep = Static<typeof RunStep>

/** What an agent used in this run: leaf model calls only. */
export const RunAgent = Type.Object({
  id: Type.String(),
  role: Type.String(),
  open: Type.Boolean({ description: 'whether one of its executions is open' }),
  llm_calls: Count,
  tool_calls: Count,
  tokens: Count,
  own_cost: Type.Number({ description: 'USD, of its own model calls' }),
  delegated_cost: Type.Number({ description: 'USD, of the agents that worked below it' }),
})
export type RunAgent = Static<typeof RunAgent>

/** Somebody does the same thing again and again. */
export const RunLoop = Type.Object({
  agent: Nullable(Type.String()),
  step: Type.String({ description: 'kind and name of what repeats' }),
  times: Count,
  since: Time,
  same_arguments: Type.Boolean({ description: 'false: the arguments are not known' }),
})
export type RunLoop = Static<typeof RunLoop>

/** An agent that goes on only when something below it has ended. */
export const RunWait = Type.Object({
  agent: Type.String(),
  for: Type.Object({ kind: StepKind, name: Type.String(), span_id: Type.String() }),
  since: Time,
})
export type RunWait = Static<typeof RunWait>

const run = {
  trace_id: Type.String(),
  session_id: Nullable(Type.String()),
  user_id: Nullable(Type.String()),
  name: Type.String({ description: 'of its first step' }),
  status: RunStatus,
  started_at: Time,
  last_event_at: Time,
  ended_at: Nullable(Time),
  lease_until: Nullable(Time),
  steps: Count,
  open_steps: Count,
  failed_steps: Count,
  steps_omitted: Type.Integer({ minimum: 0, description: 'beyond what a gateway keeps; tokens and cost count them' }),
  partial: Type.Boolean({ description: 'its beginning is older than what the gateway could read' }),
  llm_calls: Count,
  tool_calls: Count,
  input_tokens: Count,
  output_tokens: Count,
  tokens: Count,
  cost: Type.Number({ description: 'USD so far, of leaf model calls' }),
  unpriced_calls: Type.Integer({ minimum: 0, description: 'calls without a known price: the cost is a lower bound' }),
  agents: Type.Array(RunAgent),
  loops: Type.Array(RunLoop),
  waits: Type.Array(RunWait),
}

/** A run (one trace) as its reader may see it. */
export const Run = Type.Object(run)
export type Run = Static<typeof Run>

/** A run with its steps. */
export const RunTree = Type.Object({ ...run, tree: Type.Array(RunStep) })
export type RunTree = Static<typeof RunTree>

/** The runs that are open now, sent after `connection_established` (v1). */
export const Snapshot = Type.Object({
  type: Type.Literal('snapshot'),
  timestamp: Time,
  runs: Type.Array(RunTree),
  omitted: Type.Integer({
    minimum: 0,
    description: 'open runs beyond what one snapshot holds: GET /api/runs has them',
  }),
})
export type Snapshot = Static<typeof Snapshot>

/** The runs that changed, at most once a second; a run that is not named is as it was (v1). */
export const RunUpdate = Type.Object({ type: Type.Literal('run_update'), timestamp: Time, runs: Type.Array(Run) })
export type RunUpdate = Static<typeof RunUpdate>
