/** Facts that a run truly has, and that its spans may lack. */
export type Fact =
  | 'agents'
  | 'handoffs'
  | 'tools'
  | 'calls'
  | 'refused_calls'
  | 'embeddings'
  | 'searches'
  | 'embedding_tokens'
  | 'request_model'
  | 'answered_model'
  | 'streaming'
  | 'first_token'
  | 'finish_reason'
  | 'input_tokens'
  | 'output_tokens'
  | 'cached_tokens'
  | 'reasoning_tokens'

/** What the events of a recorded run show beside, or instead of, what truly happened in it. */
export interface Expectation {
  /** Why a fact cannot be in the events. It must then be absent, and never be wrong. */
  readonly notInTheSpans?: Readonly<Partial<Record<Fact, string>>>
  /** Facts that the spans state otherwise than they were. */
  readonly misstated?: Readonly<Partial<Record<Fact, string>>>
  /** Model calls given, where the spans do not show each of them apart. */
  readonly calls?: number
  readonly session?: string
  readonly user?: string
  readonly handoffs?: readonly string[]
  /** Error types of refused calls, in order; as many as were refused, or as the comment says. */
  readonly errorTypes?: readonly string[]
  /** Tools whose spans do not say their name. */
  readonly unnamedTools?: readonly string[]
  /** Agents that the spans show, and the run's own notes do not count as one. */
  readonly alsoAgents?: readonly string[]
  /** Agents whose last execution failed. */
  readonly failed?: readonly string[]
  /** Events of other types, by count. */
  readonly others?: Readonly<Record<string, number>>
}

const noAgents = 'a model client alone: the agent is in its system prompt only'
const noTools = 'the application ran the tool itself, without a span'
const neverEnded = 'the instrumentation never ends the span of a call that is refused or breaks off'
const noParents = 'spans have no parents and no name of an agent'

const modelClient = { notInTheSpans: { agents: noAgents, tools: noTools } } as const
const streamWithoutUsage = {
  agents: noAgents,
  input_tokens: 'not kept of streams',
  output_tokens: 'not kept of streams',
}
const noTokenDetails = {
  cached_tokens: 'the instrumentation keeps two counts, in and out',
  reasoning_tokens: 'the instrumentation keeps two counts, in and out',
}
const noDetailsOnChunks = { first_token: 'no event or attribute for it', streaming: 'not said' }
const v7 = { reasoning_tokens: 'not in the conventions that version 7 follows' }
const traceloopLangChain = {
  agents: noParents,
  handoffs: noParents,
  answered_model: 'the name that was asked for is repeated',
  ...noTokenDetails,
}
const database = (events: number): Expectation => ({ others: { memory_tier_access: events } })

/** Providers as the spans name them, where it is not `openai`: `lab` and `lab-gateway` are how the runs configured theirs. */
export const providers: Readonly<Record<string, string | undefined>> = {
  'ai-sdk-v6': 'lab-gateway',
  'ai-sdk-v7': 'lab-gateway',
  'ai-sdk-v7-legacy': 'lab-gateway',
  'anthropic-openinference': 'anthropic',
  'anthropic-sdk-native': 'anthropic',
  'anthropic-traceloop': 'anthropic',
  genkit: 'lab',
  voltagent: undefined,
}

export const expectations: Readonly<Record<string, Expectation>> = {
  'ai-sdk-v5/agent-handoff': {
    session: 'sess-9',
    user: 'user-5',
    notInTheSpans: noTokenDetails,
    handoffs: ['neuroscientist → training_coach (delegation)'],
  },
  'ai-sdk-v5/refused': {
    session: 'sess-9',
    user: 'user-5',
    failed: ['neuroscientist'],
    errorTypes: ['AI_APICallError'],
  },
  'ai-sdk-v5/stream-tools': { session: 'sess-9', user: 'user-5' },
  'ai-sdk-v6/v6-embed': { session: 'sess-9' },
  'ai-sdk-v6/v6-generate-tools': { session: 'sess-9' },
  'ai-sdk-v6/v6-stream-tools': { session: 'sess-9' },
  'ai-sdk-v6/v6-llm-errors': {
    session: 'sess-9',
    failed: ['neuroscientist', 'training_coach'],
    errorTypes: ['AI_APICallError', 'AI_APICallError', 'AI_APICallError', 'AI_APICallError', 'AI_APICallError'],
  },
  'ai-sdk-v7-legacy/legacy-embed': { session: 'sess-9' },
  'ai-sdk-v7-legacy/legacy-generate-tools': { session: 'sess-9' },
  'ai-sdk-v7-legacy/legacy-llm-errors': {
    session: 'sess-9',
    failed: ['neuroscientist', 'training_coach'],
    // One span for a call and its retry, so one less than was refused.
    errorTypes: ['AI_RetryError', 'AI_APICallError', 'AI_APICallError', 'AI_APICallError'],
  },
  'ai-sdk-v7/agent-handoff': { notInTheSpans: v7, handoffs: ['neuroscientist → training_coach (delegation)'] },
  'ai-sdk-v7/generate-tools': { notInTheSpans: v7 },
  'ai-sdk-v7/generate-tools-rich': { session: 'sess-9' },
  'ai-sdk-v7/stream-tools': { notInTheSpans: v7 },
  'ai-sdk-v7/tool-failure': { notInTheSpans: v7 },

  'anthropic-openinference/stream': { notInTheSpans: { agents: noAgents } },
  'anthropic-openinference/tool-loop': { ...modelClient, session: 'sess-9', user: 'user-5' },
  'anthropic-sdk-native/errors': { errorTypes: ['rate_limit_error', 'api_error'] },
  'anthropic-sdk-native/tool-loop': modelClient,
  'anthropic-traceloop/errors': { errorTypes: ['429', '500'] },
  'anthropic-traceloop/tool-loop': modelClient,
  'anthropic-traceloop/tool-loop-nocontent': modelClient,

  'genkit/tool-failure': { notInTheSpans: { agents: 'generate() without a flow around it' } },
  'genkit/two-flows': {
    alsoAgents: ['recovery_review'],
    notInTheSpans: { handoffs: 'the outer flow runs both and hands the verdict on' },
    handoffs: ['recovery_review → neuroscientist (delegation)', 'recovery_review → training_coach (delegation)'],
  },

  'langchain-openinference/chat': { notInTheSpans: { agents: noAgents } },
  'langchain-openinference/chat-stream': { notInTheSpans: { agents: noAgents, first_token: 'no event for it' } },
  'langchain-openinference/prebuilt-react': { session: 'thread-42' },
  'langchain-openinference/react-agent': { session: 'thread-42' },
  'langchain-openinference/tool-failure': { session: 'thread-42' },
  'langchain-openinference/retriever': {
    notInTheSpans: { agents: noAgents, embeddings: 'embeddings of LangChain are not traced' },
    others: { knowledge_access: 3 },
  },
  'langchain-openinference/supervisor': {
    session: 'thread-42',
    handoffs: ['supervisor → neuroscientist (handoff)', 'supervisor → training_coach (handoff)'],
  },

  'langchain-traceloop/chat': {
    notInTheSpans: { agents: noAgents, answered_model: traceloopLangChain.answered_model },
  },
  'langchain-traceloop/react-agent': { notInTheSpans: traceloopLangChain },
  'langchain-traceloop/react-agent-double': { notInTheSpans: traceloopLangChain },
  'langchain-traceloop/rooted-react-agent': { notInTheSpans: traceloopLangChain },
  'langchain-traceloop/retriever': {
    notInTheSpans: {
      agents: noAgents,
      embeddings: 'embeddings of LangChain are not traced',
      searches: 'retrievers are not traced',
      answered_model: traceloopLangChain.answered_model,
    },
  },
  'langchain-traceloop/supervisor': {
    notInTheSpans: traceloopLangChain,
    handoffs: ['supervisor → neuroscientist (handoff)', 'supervisor → training_coach (handoff)'],
  },
  // The span has the name of the tool's class; its result, which a failed tool has not, has its own.
  'langchain-traceloop/tool-failure': { notInTheSpans: traceloopLangChain, unnamedTools: ['force_plate_export'] },

  'mastra/agent-handoff': { handoffs: ['neuroscientist → training_coach (delegation)'] },
  'mastra/agent-memory': { session: 'sess-9', user: 'user-5', others: { memory_tier_access: 4 } },
  'mastra/agent-stream': { notInTheSpans: { streaming: 'not said' } },
  'mastra/model-refused': { failed: ['neuroscientist'], errorTypes: ['_OTHER'] },

  'mcp-openinference/stdio-tools': {
    notInTheSpans: {
      agents: 'spans of the application alone',
      tools: 'it carries the trace context and makes no spans',
    },
  },
  'mcp-traceloop/stdio-tools': { notInTheSpans: { agents: 'the client span lies in a span of the application' } },

  'openai-agents-openinference/guardrail': {
    alsoAgents: ['neuroscientist'],
    failed: ['neuroscientist'],
    others: { agent_decision: 1 },
  },
  'openai-agents-openinference/handoff': {
    notInTheSpans: { request_model: 'overwritten with the answered one' },
    handoffs: ['neuroscientist → training_coach (handoff)'],
  },
  'openai-agents-openinference/single-agent': {
    notInTheSpans: { request_model: 'overwritten with the answered one' },
  },
  'openai-agents-openinference/structured-output': {
    notInTheSpans: { request_model: 'overwritten with the answered one' },
  },
  'openai-agents-openinference/tool-failure': {
    notInTheSpans: { request_model: 'overwritten with the answered one' },
  },

  'openai-openinference/embeddings': { notInTheSpans: { embedding_tokens: 'not kept of embeddings' } },
  'openai-openinference/errors': { notInTheSpans: { agents: noAgents, refused_calls: neverEnded } },
  'openai-openinference/stream': {
    notInTheSpans: { ...streamWithoutUsage, answered_model: 'not kept of streams', first_token: 'no event for it' },
  },
  'openai-openinference/tool-loop': { ...modelClient, session: 'sess-9', user: 'user-5' },
  'openai-traceloop/errors': { notInTheSpans: { agents: noAgents, refused_calls: neverEnded } },
  'openai-traceloop/responses': {
    notInTheSpans: {
      agents: noAgents,
      tools: noTools,
      ...noTokenDetails,
      ...noDetailsOnChunks,
      input_tokens: 'not kept of streams',
      output_tokens: 'not kept of streams',
      answered_model: 'not kept of streams',
    },
    misstated: { finish_reason: 'the responses API has none, and the instrumentation writes stop' },
  },
  'openai-traceloop/stream': { notInTheSpans: { ...streamWithoutUsage, ...noDetailsOnChunks } },
  'openai-traceloop/tool-loop': { notInTheSpans: { agents: noAgents, tools: noTools, ...noTokenDetails } },

  'otel-openai/chat': { notInTheSpans: { agents: noAgents } },
  'otel-openai/errors': {
    notInTheSpans: { agents: noAgents },
    // The last one went to a closed port, so that no server refused it.
    errorTypes: ['RateLimitError', 'InternalServerError', 'BadRequestError', 'APIConnectionError'],
  },
  'otel-openai/responses': {
    notInTheSpans: { agents: noAgents, tools: noTools, ...noTokenDetails, ...noDetailsOnChunks },
  },
  'otel-openai/stream-aborted': { notInTheSpans: { agents: noAgents, calls: neverEnded }, calls: 0 },
  'otel-openai/stream-simple-processor': {
    notInTheSpans: {
      agents: noAgents,
      tools: noTools,
      handoffs: 'the application hands the verdict on',
      ...noTokenDetails,
      ...noDetailsOnChunks,
    },
  },
  'otel-openai/stream-usage': { notInTheSpans: { agents: noAgents, ...noDetailsOnChunks } },
  'otel-openai/tool-loop-nocontent': { notInTheSpans: { agents: noAgents, tools: noTools, ...noTokenDetails } },

  'traceloop-sdk/two-agents': {
    session: 'sess-9',
    notInTheSpans: { handoffs: 'the application hands the verdict on', ...noTokenDetails },
  },
  'voltagent/agent-tools': {
    // One span for all steps, with the usage of the last: the rest is given as one call.
    notInTheSpans: { calls: 'one span covers all steps' },
    calls: 2,
    session: 'conv-77',
    user: 'user-5',
    others: { memory_tier_access: 6 },
  },
  'voltagent/supervisor': {
    notInTheSpans: { calls: 'one span covers all steps', first_token: 'not said' },
    calls: 6,
    session: 'conv-80',
    user: 'user-5',
    handoffs: ['supervisor → neuroscientist (delegation)', 'supervisor → training_coach (delegation)'],
    others: { memory_tier_access: 20 },
  },
  'voltagent/tool-failure': { notInTheSpans: { calls: 'one span covers all steps' }, calls: 2 },

  'chromadb/traceloop-python': database(10),
  'ioredis/ioredis-latest': database(13),
  'ioredis/ioredis-latest-hooks': database(13),
  'ioredis/ioredis-older-default': database(13),
  'pg/pg-latest': database(5),
  'pg/pg-older-default': database(5),
  'pg/pg-older-stable': database(5),
  'pinecone/traceloop': database(4),
  'qdrant/traceloop': database(5),
  'qdrant/traceloop-python': database(4),
  'redis-v5/redis-older-default': database(7),
  'redis-v5/redis-older-stable': database(7),
}
