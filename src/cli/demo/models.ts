import type { AgentRun } from '../../instrumentation/agent.ts'
import type { Pace } from './pace.ts'

export interface Question {
  /** What the call is for; also names the instructions that come before the prompt. */
  readonly purpose: string
  readonly prompt: string
  readonly model?: keyof typeof profiles
  readonly stream?: boolean
}

/** A model that is busy, as providers answer it. */
class RateLimitError extends Error {
  override readonly name = 'RateLimitError'
  readonly code = 'rate_limit_exceeded'
}

interface Profile {
  readonly provider: string
  readonly firstTokenMs: readonly [number, number]
  readonly msPerToken: readonly [number, number]
  readonly reasons: boolean
  /** Writing to the prompt cache is a position on the bill of its own. */
  readonly billsCacheWrites: boolean
}

const profiles = {
  'gpt-5-mini': {
    provider: 'openai',
    firstTokenMs: [150, 600],
    msPerToken: [2, 5],
    reasons: true,
    billsCacheWrites: false,
  },
  'claude-sonnet-4-5': {
    provider: 'anthropic',
    firstTokenMs: [250, 700],
    msPerToken: [4, 8],
    reasons: false,
    billsCacheWrites: true,
  },
} as const satisfies Readonly<Record<string, Profile>>

const rateLimitChance = 0.04
const wordsPerToken = 0.75
/** Providers cache prompts of 1,024 tokens or more, in steps of 128. */
const instructionTokens = 1_408

/**
 * Models that are simulated: no key, no network, but answers that take as long as their tokens, a first token, prompt
 * caching of instructions that were sent before, and now and then a rate limit.
 */
export class Models {
  readonly #cached = new Set<string>()

  /** A rate limit is waited for and tried once more. */
  async ask(run: AgentRun, pace: Pace, question: Question): Promise<void> {
    try {
      await this.#call(run, pace, question)
    } catch (error) {
      if (!(error instanceof RateLimitError)) throw error
      await pace.pass(pace.random.between(200, 500))
      await this.#call(run, pace, question)
    }
  }

  #call(run: AgentRun, { random, pass }: Pace, question: Question): Promise<void> {
    const { model = 'gpt-5-mini', stream = true, purpose, prompt } = question
    const { provider, firstTokenMs, msPerToken, reasons, billsCacheWrites }: Profile = profiles[model]
    return run.llm({ model, provider, stream, purpose }, async (step) => {
      step.input([{ role: 'user', parts: [{ type: 'text', content: prompt }] }])
      await pass(random.between(...firstTokenMs))
      if (random.chance(rateLimitChance)) throw new RateLimitError('Too many requests')
      if (stream) step.firstToken()
      const outputTokens = Math.round(random.between(40, 260))
      await pass(outputTokens * random.between(...msPerToken))
      const isCached = this.#remember(`${model} ${purpose}`)
      step.usage({
        inputTokens: instructionTokens + tokensOf(prompt),
        outputTokens,
        ...(isCached ? { cachedInputTokens: instructionTokens } : {}),
        ...(billsCacheWrites && !isCached ? { cacheWriteTokens: instructionTokens } : {}),
        ...(reasons ? { reasoningTokens: Math.floor(outputTokens * random.between(0, 0.4)) } : {}),
      })
      step.response({ model, finishReasons: ['stop'] })
      step.output([{ role: 'assistant', parts: [{ type: 'text', content: `On ${purpose}: see the plan.` }] }])
    })
  }

  /** Whether these instructions were sent before. */
  #remember(instructions: string): boolean {
    const known = this.#cached.has(instructions)
    this.#cached.add(instructions)
    return known
  }
}

/** Turns a text into a vector, for a search in the vector store. */
export async function embed(run: AgentRun, { random, pass }: Pace, text: string): Promise<void> {
  const request = { model: 'text-embedding-3-small', provider: 'openai', operation: 'embeddings', purpose: 'search' }
  await run.llm(request, async (step) => {
    await pass(random.between(30, 90))
    step.usage({ inputTokens: tokensOf(text) })
  })
}

function tokensOf(text: string): number {
  return Math.round(text.split(' ').length / wordsPerToken)
}
