import { agent } from '../../instrumentation/agent.ts'
import { weeklyLoad } from './athlete.ts'
import type { Assessment, Athlete } from './athlete.ts'
import { identity } from './specialist.ts'
import type { Crew } from './specialist.ts'
import { lookUp } from './knowledge.ts'
import { useTool } from './tools.ts'

export function sleepPlan(crew: Crew, { sleep_debt_hours: debt }: Assessment): Promise<void> {
  return agent(identity('sleep_specialist'), async (run) => {
    const evidence = await lookUp(run, crew, 'sleep', debt > 5 ? 'sleep debt' : 'variability after longer nights')
    await crew.models.ask(run, crew, { purpose: 'sleep window', prompt: `debt ${debt} h; ${evidence.join('; ')}` })
    run.hypothesis({
      hypothesis: 'Two nights above 8 h bring variability back to baseline',
      confidence: Math.round((0.5 + Math.min(0.4, debt / 30)) * 100) / 100,
      evidencePoints: evidence.length,
      validationDays: 3,
      domain: 'sleep',
    })
  })
}

export function nutritionPlan(crew: Crew, athlete: Athlete): Promise<void> {
  return agent(identity('nutritionist'), async (run) => {
    const load = athlete.nights.at(-1)?.load ?? 0
    const grams = await useTool(run, crew, 'carbohydrate_calculator', () => Math.round(240 + load * 28))
    const prompt = `${grams} g carbohydrates after a load of ${load}`
    await crew.models.ask(run, crew, { model: 'claude-sonnet-4-5', purpose: 'meal plan', prompt })
  })
}

export interface Check {
  readonly weeklyLoad: number
  /** 0 to 1. */
  readonly confidence: number
}

/** Weekly load above which another hard session is too much. */
export const loadLimit = 42

export function recoveryCheck(crew: Crew, athlete: Athlete): Promise<Check> {
  return agent(identity('recovery_agent'), async (run) => {
    const load = await useTool(run, crew, 'load_monitor', () => weeklyLoad(athlete))
    await lookUp(run, crew, 'recovery', 'high weekly load')
    await crew.models.ask(run, crew, { purpose: 'recovery check', prompt: `weekly load ${load}`, stream: false })
    return { weeklyLoad: load, confidence: Math.min(0.95, 0.55 + Math.abs(load - loadLimit) / 40) }
  })
}
