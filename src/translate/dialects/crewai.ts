import { known, structured, text } from '../attributes.ts'
import { outcome } from '../outcome.ts'
import type { Dialect, DialectOptions, SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'
import { agentExecution, namedAgent } from '../steps.ts'
import { openInference } from './open-inference.ts'

const platform = 'crewai'

/**
 * What is CrewAI's own in its spans, of whichever source: the instrumentations of OpenInference and OpenLLMetry, and CrewAI's
 * tracing (crewai 1.15, `crewai.telemetry.tracing`). The rest of them speaks the general dialects.
 */
export const crewAi: Dialect = (span, options) => {
  if (span.scope.startsWith('openinference.instrumentation.crewai')) return ofOpenInference(span, options)
  if (span.scope.startsWith('opentelemetry.instrumentation.crewai'))
    return span.name === 'crewai.workflow' ? [crew(span, options, 'traceloop')] : null
  return span.scope === 'crewai' ? ofCrewAi(span, options) : null
}

/** A crew is kicked off: it gives its agents their tasks, and is done when they are. */
function crew(
  span: SpanRecord,
  options: DialectOptions,
  dialect: string,
  name = text(span.attributes, 'crewai.crew.name') ?? 'crew',
): SpanFacts {
  return { dialect, platform, ...agentExecution(span, { id: name, role: 'crew' }, options), isTeam: true }
}

function ofOpenInference(span: SpanRecord, options: DialectOptions): SpanFacts[] | null {
  const a = span.attributes
  const kind = text(a, 'openinference.span.kind')
  const kickedOff = /^(.+)\.kickoff$/.exec(span.name)?.[1]
  if (kind === 'CHAIN' && kickedOff !== undefined && a['flow_id'] === undefined)
    // A crew without a name of its own has the id of an object.
    return [crew(span, options, 'openinference', /^Crew_[0-9a-f-]{36}$/.test(kickedOff) ? undefined : kickedOff)]
  const role = text(a, 'graph.node.id')
  if (kind === 'AGENT' && role !== undefined) return [agentAtWork(span, role, options)]
  return kind === 'TOOL' ? delegation(span, options) : null
}

/** The span's name quotes the task where that has no name, and a task is content. */
function agentAtWork(span: SpanRecord, role: string, options: DialectOptions): SpanFacts {
  const agent = namedAgent(role.trim())
  const metadata = { span_name: `${agent.id}.execute` }
  return { dialect: 'openinference', platform, ...agentExecution(span, agent, options), metadata }
}

/** Tools with which an agent has another one work, by their names in CrewAI → what that is. */
const delegationTools: ReadonlyMap<string, string> = new Map([
  ['Delegate work to coworker', 'delegation'],
  ['Ask question to coworker', 'consultation'],
])

/**
 * The coworker has no span where OpenInference wraps CrewAI's methods: it works inside of the tool's span, which is thus its
 * execution, and a tool of the agent above. Where events tell of it (`tool.agent_role`) it has one.
 */
function delegation(span: SpanRecord, options: DialectOptions): SpanFacts[] | null {
  const name = text(span.attributes, 'tool.name') ?? ''
  const collaborationType = delegationTools.get(name)
  const coworker = coworkerOf(span)
  if (collaborationType === undefined || coworker === undefined || span.attributes['tool.agent_role'] !== undefined)
    return null
  const [tool] = openInference(span, options) ?? []
  if (tool === undefined) return null
  const execution = { dialect: 'openinference', platform, ...agentExecution(span, namedAgent(coworker), options) }
  const failure = failureOf(span)
  const { startedType: _, ...used } = tool
  const toolName = name.toLowerCase().replaceAll(' ', '_')
  return [
    {
      ...execution,
      collaborationType,
      payload: { ...execution.payload, ...(failure && { execution_result: 'error', ...failure }) },
    },
    { ...used, isOfAgentAbove: true, payload: { ...used.payload, tool_name: toolName, ...failure } },
  ]
}

/** Told by the arguments of the call; auren-live (python/auren-live) tells it apart, since it sends no arguments. */
function coworkerOf({ attributes }: SpanRecord): string | undefined {
  const args = structured(attributes, 'input.value')
  const named = typeof args === 'object' && args !== null ? (args as { coworker?: unknown }).coworker : undefined
  const coworker = text(attributes, 'auren.coworker') ?? named
  return typeof coworker === 'string' && coworker.trim() !== '' ? coworker.trim() : undefined
}

/** A delegation that fails does not throw: the model is told so by the tool's result. */
function failureOf({ attributes }: SpanRecord) {
  const failed = /^\s*Error executing (?:tool\. coworker|task with agent)/.test(text(attributes, 'output.value') ?? '')
  return failed ? { success: false, error_type: 'delegation_failed' } : undefined
}

function ofCrewAi(span: SpanRecord, options: DialectOptions): SpanFacts[] | null {
  if (text(span.attributes, 'gen_ai.operation.name') === 'invoke_workflow') return [crew(span, options, 'crewai')]
  const event = text(span.attributes, 'crewai.event_name') ?? ''
  // Tells once more of a tool that failed, whose own span says so.
  if (event === 'tool_failure_detected') return []
  const operation = /^memory_(query|save)_/.exec(event)?.[1]
  return operation === undefined ? null : [memoryAccess(span, operation)]
}

/** Which store is behind CrewAI's memory its spans do not say. A query without results is a miss. */
function memoryAccess(span: SpanRecord, operation: string): SpanFacts {
  const { error_message: _, ...end } = outcome(span)
  const results = structured(span.attributes, 'crewai.memory.results')
  const payload = known({
    tier_accessed: 'crewai',
    operation,
    // CrewAI cuts long results short: that there are some is then all that is known.
    cache_hit: results === undefined ? undefined : !Array.isArray(results) || results.length > 0,
    items_retrieved: Array.isArray(results) ? results.length : undefined,
    ...end,
  })
  return { dialect: 'crewai', platform, finishedType: 'memory_tier_access', timed: true, payload }
}
