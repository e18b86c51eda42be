import { setTimeout as sleep } from 'node:timers/promises'
import { agent } from '../../instrumentation/agent.ts'
import type { AgentRun } from '../../instrumentation/agent.ts'
import type { AgentIdentity } from '../../instrumentation/agent-types.ts'
import { assess } from './athlete.ts'
import type { Assessment, Athlete } from './athlete.ts'
import type { MemoryTiers } from './memory-tiers.ts'
import { ask } from './model.ts'
import type { Random } from './random.ts'

export interface Crew {
  readonly random: Random
  readonly memory: MemoryTiers
}

const specialists = {
  neuroscientist: { role: 'Neuroscientist', goal: 'Keep the nervous system ready for what is asked of it' },
  nutritionist: { role: 'Nutritionist', goal: 'Fuel training and recovery' },
  training_coach: { role: 'Training coach', goal: 'Turn readiness into the right session' },
  recovery_agent: { role: 'Recovery agent', goal: 'Shorten the way back to baseline' },
  sleep_specialist: { role: 'Sleep specialist', goal: 'Pay back sleep debt' },
} as const

type Specialist = keyof typeof specialists

function identity(id: Specialist, more: Partial<AgentIdentity> = {}): AgentIdentity {
  return { id, ...specialists[id], ...more }
}

const toolTimeoutChance = 0.05

class ToolTimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

async function runTool<T>(run: AgentRun, { random }: Crew, name: string, compute: () => T): Promise<T> {
  return run.tool({ name, callId: `call_${Math.floor(random.between(1e6, 1e7))}` }, async (step) => {
    await sleep(random.between(40, 260))
    if (random.chance(toolTimeoutChance)) throw new ToolTimeoutError(`${name} did not answer in time`)
    const result = compute()
    step.result(result)
    return result
  })
}

/** The lead: looks at the athlete, asks the others, decides, and hands over to the coach. */
export async function answerQuestion(crew: Crew, athlete: Athlete, session: string, question: string): Promise<void> {
  await agent(identity('neuroscientist', { session, user: athlete.user }), async (run) => {
    run.conversation({ direction: 'user_to_system', message: question, conversationId: session, messageNumber: 1 })
    const known = await crew.memory.recall(run, `${athlete.id}: baseline`)
    const assessment = await runTool(run, crew, 'hrv_analysis', () => assess(athlete))
    run.biometric({
      metrics: { ...assessment },
      depth: known === undefined ? 'full' : 'update',
      alerts: assessment.recovery_score < 60,
      trend: assessment.hrv_change < -0.05 ? 'declining' : assessment.hrv_change > 0.05 ? 'improving' : 'stable',
    })
    await ask(run, { purpose: 'readiness plan', prompt: `${question} ${JSON.stringify(assessment)}` }, crew.random)
    await Promise.all([sleepPlan(crew, assessment), nutritionPlan(crew, athlete)])
    const rest = assessment.recovery_score < 65
    run.decision({
      decision: rest ? 'easy day' : 'train as planned',
      confidence: round(0.6 + Math.abs(assessment.recovery_score - 65) / 100),
      reasoning: [`recovery ${assessment.recovery_score}`, `sleep debt ${assessment.sleep_debt_hours} h`],
      alternatives: rest ? ['train as planned'] : ['easy day'],
      category: 'training',
      impact: 'medium',
    })
    if (known === undefined) await crew.memory.store(run, `${athlete.id}: baseline`, String(assessment.hrv_baseline))
    run.handoff({
      to: { id: 'training_coach', role: 'Training coach' },
      reason: rest ? 'plan an easy day' : 'plan the session',
    })
  })
  await trainingPlan(crew, athlete, session)
}

function sleepPlan(crew: Crew, assessment: Assessment): Promise<void> {
  return agent(identity('sleep_specialist'), async (run) => {
    await run.knowledge({ domain: 'sleep', topic: 'sleep debt', source: 'guidelines' }, async (step) => {
      await sleep(crew.random.between(20, 120))
      step.items(3)
      step.relevance(0.82)
    })
    await ask(run, { purpose: 'sleep window', prompt: `debt ${assessment.sleep_debt_hours} h` }, crew.random)
    run.hypothesis({
      hypothesis: 'Two nights above 8 h bring variability back to baseline',
      confidence: round(0.5 + Math.min(0.4, assessment.sleep_debt_hours / 30)),
      evidencePoints: 4,
      validationDays: 3,
      domain: 'sleep',
    })
  })
}

function nutritionPlan(crew: Crew, athlete: Athlete): Promise<void> {
  return agent(identity('nutritionist'), async (run) => {
    const load = athlete.load.at(-1) ?? 0
    const grams = await runTool(run, crew, 'carbohydrate_calculator', () => Math.round(240 + load * 28))
    const question = {
      model: 'claude-sonnet-4-5',
      provider: 'anthropic',
      purpose: 'meal plan',
      prompt: `${grams} g carbohydrates`,
    }
    await ask(run, question, crew.random)
  })
}

/** The coach writes the session and agrees on it with the recovery agent. */
function trainingPlan(crew: Crew, athlete: Athlete, session: string): Promise<void> {
  return agent(identity('training_coach', { session, user: athlete.user }), async (run) => {
    await crew.memory.recall(run, `${athlete.id}: last session`)
    const minutes = await runTool(run, crew, 'session_builder', () => 30 + Math.round(crew.random.between(0, 45)))
    await run.collaborate(
      { with: 'recovery_agent', type: 'consultation', reason: `${minutes} minutes planned` },
      async (step) => {
        await recoveryCheck(crew, athlete)
        step.consensus(crew.random.chance(0.85))
        step.confidence({ training_coach: 0.8, recovery_agent: 0.7 })
      },
    )
    await ask(run, { purpose: 'session', prompt: `${minutes} minutes for ${athlete.id}` }, crew.random)
    await crew.memory.store(run, `${athlete.id}: last session`, `${minutes} min`)
    const message = `${minutes} minutes today.`
    run.conversation({ direction: 'system_to_user', message, conversationId: session, messageNumber: 2 })
  })
}

function recoveryCheck(crew: Crew, athlete: Athlete): Promise<void> {
  return agent(identity('recovery_agent'), async (run) => {
    const strain = await runTool(run, crew, 'load_monitor', () =>
      athlete.load.slice(-7).reduce((sum, day) => sum + day, 0),
    )
    await ask(run, { purpose: 'recovery check', prompt: `weekly load ${strain}`, stream: false }, crew.random)
  })
}

function round(value: number): number {
  return Math.round(Math.min(1, value) * 100) / 100
}
