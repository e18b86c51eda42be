/** Who an agent is. `session` and `user` hold for everything it does, its tools and the agents below it included. */
export interface AgentIdentity {
  /** Stable and low in number: it is a metric label. */
  readonly id: string
  /** What it is for, as people say it. Default: the name, else the id. */
  readonly role?: string
  readonly name?: string
  readonly version?: string
  readonly description?: string
  readonly goal?: string
  /** Conversation or session id. Default: the trace id. */
  readonly session?: string
  readonly user?: string
}

export interface LlmRequest {
  readonly model: string
  /** As `gen_ai.provider.name` has it: `openai`, `anthropic`, … */
  readonly provider?: string
  /** As `gen_ai.operation.name` has it. Default `chat`. */
  readonly operation?: string
  readonly maxTokens?: number
  readonly temperature?: number
  readonly stream?: boolean
  /** What the call is for, in a word or two. */
  readonly purpose?: string
}

export interface TokenUsage {
  /** Cached and cache-written tokens included. */
  readonly inputTokens?: number
  /** Reasoning tokens included. */
  readonly outputTokens?: number
  readonly cachedInputTokens?: number
  readonly cacheWriteTokens?: number
  readonly reasoningTokens?: number
  /** USD, when the provider says it; else the price table is used. */
  readonly cost?: number
}

export interface LlmStep {
  usage(usage: TokenUsage): void
  response(response: {
    readonly id?: string
    readonly model?: string
    readonly finishReasons?: readonly string[]
  }): void
  /** Call it when the first token of a streamed answer arrives. */
  firstToken(): void
  /** Kept only when content is captured, as are `output`, tool arguments and results. */
  input(messages: unknown): void
  output(messages: unknown): void
}

export interface ToolUse {
  readonly name: string
  readonly callId?: string
  readonly arguments?: unknown
  readonly description?: string
}

export interface ToolStep {
  result(value: unknown): void
}

export interface MemoryAccess {
  /** `redis`, `postgresql`, `chromadb`, or the name of another system. */
  readonly tier: string
  /** Default `search`. */
  readonly operation?: string
  readonly query?: string
}

export interface MemoryStep {
  hit(found: boolean): void
  items(count: number): void
}

export interface KnowledgeAccess {
  readonly domain: string
  readonly topic?: string
  readonly query?: string
  readonly source?: string
}

export interface KnowledgeStep {
  items(count: number): void
  /** 0 to 1. */
  relevance(score: number): void
}

export interface Collaboration {
  /** Ids of the other agents. */
  readonly with: string | readonly string[]
  /** Default `consultation`. */
  readonly type?: string
  readonly reason?: string
}

export interface CollaborationStep {
  consensus(reached: boolean): void
  /** Agent id → 0 to 1. */
  confidence(scores: Readonly<Record<string, number>>): void
}

export interface Handoff {
  readonly to: string | { readonly id: string; readonly role?: string }
  readonly reason?: string
}

export interface Decision {
  readonly decision: unknown
  /** 0 to 1. */
  readonly confidence?: number
  readonly reasoning?: readonly unknown[]
  readonly alternatives?: readonly unknown[]
  readonly dataSources?: readonly string[]
  readonly impact?: string
  readonly category?: string
}

export interface Hypothesis {
  readonly hypothesis: string
  /** 0 to 1. */
  readonly confidence?: number
  readonly evidencePoints?: number
  readonly validationDays?: number
  readonly domain?: string
}

export interface BiometricReading {
  /** Name → value, as in `{ hrv_rmssd: 61.5 }`. */
  readonly metrics: Readonly<Record<string, number>>
  readonly depth?: string
  readonly alerts?: boolean
  readonly trend?: string
}

export interface ConversationTurn {
  readonly direction: 'user_to_system' | 'system_to_user' | 'system_error'
  /** Content: only its length is kept unless content is captured. */
  readonly message?: string
  readonly conversationId?: string
  readonly messageNumber?: number
}
