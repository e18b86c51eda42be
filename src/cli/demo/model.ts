import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentRun } from '../../instrumentation/agent.ts'
import type { Random } from './random.ts'

export interface Question {
  readonly purpose: string
  readonly prompt: string
  readonly model?: string
  readonly provider?: string
  readonly stream?: boolean
}

/** A model that is busy, as providers answer it. */
class RateLimitError extends Error {
  override readonly name = 'RateLimitError'
  readonly code = 'rate_limit_exceeded'
}

const rateLimitChance = 0.04
const wordsPerToken = 0.75

/**
 * Asks a model that is simulated: no key, no network, but prompts with a length, an answer that takes as long as its
 * tokens, a first token, caching of what was asked before, and now and then a rate limit, which is retried once.
 */
export async function ask(run: AgentRun, question: Question, random: Random): Promise<void> {
  try {
    await call(run, question, random)
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error
    await sleep(random.between(200, 500))
    await call(run, question, random)
  }
}

async function call(run: AgentRun, question: Question, random: Random): Promise<void> {
  const { model = 'gpt-5-mini', provider = 'openai', stream = true, purpose, prompt } = question
  await run.llm({ model, provider, stream, purpose }, async (step) => {
    step.input([{ role: 'user', parts: [{ type: 'text', content: prompt }] }])
    await sleep(random.between(150, 600))
    if (random.chance(rateLimitChance)) throw new RateLimitError('Too many requests')
    if (stream) step.firstToken()
    const inputTokens = 400 + Math.round(prompt.split(' ').length / wordsPerToken) + Math.round(random.between(0, 900))
    const outputTokens = Math.round(random.between(40, 260))
    await sleep(outputTokens * random.between(2, 5))
    step.usage({
      inputTokens,
      outputTokens,
      cachedInputTokens: random.chance(0.5) ? Math.floor(inputTokens * random.between(0.3, 0.8)) : 0,
      reasoningTokens: Math.floor(outputTokens * random.between(0, 0.4)),
    })
    step.response({ finishReasons: ['stop'] })
    step.output([{ role: 'assistant', parts: [{ type: 'text', content: `On ${purpose}: see the plan.` }] }])
  })
}

/** Turns a text into a vector, for a search in the vector store. */
export async function embed(run: AgentRun, text: string, random: Random): Promise<void> {
  const request = { model: 'text-embedding-3-small', provider: 'openai', operation: 'embeddings', purpose: 'search' }
  await run.llm(request, async (step) => {
    await sleep(random.between(30, 90))
    step.usage({ inputTokens: Math.round(text.split(' ').length / wordsPerToken) })
  })
}
