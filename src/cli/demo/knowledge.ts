import type { AgentRun } from '../../instrumentation/agent.ts'
import type { Pace } from './pace.ts'

interface Entry {
  readonly domain: 'sleep' | 'nutrition' | 'recovery'
  readonly text: string
}

const library: readonly Entry[] = [
  { domain: 'sleep', text: 'sleep debt is paid back over several longer nights' },
  { domain: 'sleep', text: 'variability rises after two nights above eight hours' },
  { domain: 'sleep', text: 'late hard training delays sleep' },
  { domain: 'nutrition', text: 'carbohydrates before a hard session keep the load bearable' },
  { domain: 'nutrition', text: 'protein within two hours helps recovery' },
  { domain: 'recovery', text: 'a high weekly load asks for one easy day' },
  { domain: 'recovery', text: 'low variability and high load together ask for rest' },
  { domain: 'recovery', text: 'easy movement on a rest day helps recovery' },
]

/** Looks a question up in a small library: relevance is the share of its words that the best entry has. */
export function lookUp(run: AgentRun, pace: Pace, domain: Entry['domain'], topic: string): Promise<string[]> {
  return run.knowledge({ domain, topic, source: 'guidelines' }, async (step) => {
    await pace.pass(pace.random.between(20, 120))
    const words = topic.split(' ')
    const scored = library
      .filter((entry) => entry.domain === domain)
      .map(({ text }) => ({ text, score: words.filter((word) => text.includes(word)).length / words.length }))
      .filter(({ score }) => score > 0)
      .toSorted((a, b) => b.score - a.score)
    step.items(scored.length)
    step.relevance(Math.round((scored[0]?.score ?? 0) * 100) / 100)
    return scored.map(({ text }) => text)
  })
}
