/** Instrumentation scope of everything AUREN records. */
export const scopeName = 'auren-observability'

/** Boundaries in the unit of the instrument; the GenAI conventions' own, which hold no integer below 100 (see `le`). */
export const buckets = {
  /** gen_ai.client.operation.duration, gen_ai.execute_tool.duration: seconds. */
  call: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  /** gen_ai.invoke_agent.duration: seconds. */
  agent: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6],
  /** gen_ai.client.token.usage: tokens. */
  tokens: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
  /** Memory tiers answer within a millisecond (Redis) to a second (a vector search): seconds. */
  memory: [0.0005, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.5, 5.5],
  ratio: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95],
} as const

/** Attributes as the conventions name them; Prometheus shows dots as underscores. */
export const labels = {
  agent: 'gen_ai.agent.name',
  tool: 'gen_ai.tool.name',
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  tokenType: 'gen_ai.token.type',
  errorType: 'error.type',
  outcome: 'auren.outcome',
  memoryTier: 'auren.memory.tier',
  memoryOperation: 'auren.memory.operation',
  memoryResult: 'auren.memory.result',
  collaborationSource: 'auren.collaboration.source',
  collaborationTarget: 'auren.collaboration.target',
  collaborationKind: 'auren.collaboration.kind',
  decisionKind: 'auren.decision.kind',
  dropReason: 'auren.drop.reason',
  exporterState: 'auren.exporter.state',
  budgetPeriod: 'auren.budget.period',
  source: 'auren.source',
  kpi: 'auren.kpi.name',
  kpiSeverity: 'auren.kpi.severity',
} as const

const seconds = 's'

export const instruments = {
  counters: {
    agentExecutions: {
      name: 'auren.agent.executions',
      unit: '{execution}',
      description: 'Agent executions that ended, by outcome',
    },
    toolCalls: { name: 'auren.tool.calls', unit: '{call}', description: 'Tool calls that ended, by outcome' },
    memoryAccesses: {
      name: 'auren.memory.accesses',
      unit: '{access}',
      description: 'Memory accesses by tier and result',
    },
    collaborations: { name: 'auren.collaborations', unit: '{collaboration}', description: 'Hand-offs and delegations' },
    decisions: { name: 'auren.decisions', unit: '{decision}', description: 'Decisions that agents reported' },
    hypotheses: { name: 'auren.hypotheses', unit: '{hypothesis}', description: 'Hypotheses that agents formed' },
    knowledgeAccesses: { name: 'auren.knowledge.accesses', unit: '{access}', description: 'Knowledge look-ups' },
    cost: { name: 'auren.cost.usd', unit: '{USD}', description: 'Cost of model calls in US dollars' },
    unpricedCalls: {
      name: 'auren.llm.unpriced_calls',
      unit: '{call}',
      description: 'Model calls that succeeded and whose price is unknown: the cost above is then too low',
    },
    redactionFailures: {
      name: 'auren.redaction.failures',
      unit: '{text}',
      description: 'Texts left out because the redact hook failed',
    },
  },
  histograms: {
    agentDuration: {
      name: 'auren.agent.execution.duration',
      unit: seconds,
      description: 'How long agent executions took',
      boundaries: 'agent',
    },
    toolDuration: {
      name: 'gen_ai.execute_tool.duration',
      unit: seconds,
      description: 'How long tool calls took',
      boundaries: 'call',
    },
    memoryDuration: {
      name: 'auren.memory.access.duration',
      unit: seconds,
      description: 'How long memory accesses took',
      boundaries: 'memory',
    },
    collaborationDuration: {
      name: 'auren.collaboration.duration',
      unit: seconds,
      description: 'How long collaborations took',
      boundaries: 'agent',
    },
    decisionConfidence: {
      name: 'auren.decision.confidence',
      unit: '{ratio}',
      description: 'Confidence of decisions, 0 to 1',
      boundaries: 'ratio',
    },
    operationDuration: {
      name: 'gen_ai.client.operation.duration',
      unit: seconds,
      description: 'How long model calls took',
      boundaries: 'call',
    },
    timeToFirstChunk: {
      name: 'gen_ai.client.operation.time_to_first_chunk',
      unit: seconds,
      description: 'Time from the request to the first chunk of a streamed answer',
      boundaries: 'call',
    },
    tokenUsage: {
      name: 'gen_ai.client.token.usage',
      unit: '{token}',
      description: 'Input and output tokens of model calls',
      boundaries: 'tokens',
    },
  },
  kpiReadings: {
    name: 'auren.kpi.readings',
    unit: '{reading}',
    description: 'Figures of athletes that agents read, by severity',
  },
  activeAgents: {
    name: 'auren.agent.active',
    unit: '{execution}',
    description: 'Agent executions that are running now',
  },
  sourceSpans: {
    name: 'auren.source.spans',
    unit: '{span}',
    description: 'Spans that began, by the instrumentation scope that made them',
  },
  exporter: {
    written: { name: 'auren.exporter.events', unit: '{event}', description: 'Events written to the stream' },
    dropped: { name: 'auren.exporter.dropped', unit: '{event}', description: 'Events that were given up, by reason' },
    retries: {
      name: 'auren.exporter.retries',
      unit: '{attempt}',
      description: 'Writes that failed and were tried again',
    },
    queueSize: { name: 'auren.exporter.queue.size', unit: '{event}', description: 'Events waiting in memory' },
    queueCapacity: { name: 'auren.exporter.queue.capacity', unit: '{event}', description: 'Events that may wait' },
    queueBytes: {
      name: 'auren.exporter.queue.bytes',
      unit: 'By',
      description: 'Bytes of events waiting in memory',
    },
    spoolSize: { name: 'auren.exporter.spool.size', unit: '{event}', description: 'Events waiting on disk' },
    spoolBytes: { name: 'auren.exporter.spool.bytes', unit: 'By', description: 'Bytes of the spool files' },
    adopted: {
      name: 'auren.exporter.adopted',
      unit: '{event}',
      description: 'Events taken over from the disk of processes that ended before they were written',
    },
    state: {
      name: 'auren.exporter.state',
      unit: '{state}',
      description: '1 for the state: writing, spooling (stream away, events on disk) or holding (in memory)',
    },
  },
} as const
