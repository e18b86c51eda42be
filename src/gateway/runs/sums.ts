import type { StepFacts } from '../../protocol/step-facts.ts'

/** Finished steps in figures. Costs are USD. */
export interface Sums {
  steps: number
  failed: number
  toolCalls: number
  llmCalls: number
  inputTokens: number
  outputTokens: number
  tokens: number
  cost: number
  /** Successful calls without a known price: the cost is then a lower bound. */
  unpriced: number
}

export function noSums(): Sums {
  return {
    steps: 0,
    failed: 0,
    toolCalls: 0,
    llmCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    tokens: 0,
    cost: 0,
    unpriced: 0,
  }
}

export function count(sums: Sums, { kind, failed, usage }: Pick<StepFacts, 'kind' | 'failed' | 'usage'>): void {
  sums.steps += 1
  if (failed) sums.failed += 1
  if (kind === 'tool') sums.toolCalls += 1
  if (kind !== 'model') return
  sums.llmCalls += 1
  sums.inputTokens += usage?.input ?? 0
  sums.outputTokens += usage?.output ?? 0
  sums.tokens += usage?.tokens ?? 0
  sums.cost += usage?.cost ?? 0
  // A call that failed is not billed; one that succeeded was, by an amount nobody knows.
  if (usage?.cost === undefined && !failed) sums.unpriced += 1
}

export function addSums(sums: Sums, more: Sums): void {
  for (const key of Object.keys(sums) as (keyof Sums)[]) sums[key] += more[key]
}
