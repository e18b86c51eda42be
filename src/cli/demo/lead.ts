import { agent } from '../../instrumentation/agent.ts'
import type { AgentRun } from '../../instrumentation/agent.ts'
import { nutritionPlan, sleepPlan } from './advisers.ts'
import { assess, trendOf } from './athlete.ts'
import type { Assessment, Athlete } from './athlete.ts'
import { beside, identity } from './specialist.ts'
import type { Crew } from './specialist.ts'
import { useTool } from './tools.ts'

/** Recovery score below which the day is to be easy. */
const restBelow = 65

/** The lead: looks at the athlete, asks the advisers, decides, and hands over to the coach. True: an easy day. */
export function assessReadiness(crew: Crew, athlete: Athlete, session: string, question: string): Promise<boolean> {
  return agent(identity('neuroscientist', { session, user: athlete.user }), async (run) => {
    run.conversation({ direction: 'user_to_system', message: question, conversationId: session, messageNumber: 1 })
    try {
      const assessment = await readBody(run, crew, athlete)
      const prompt = `${question} ${JSON.stringify(assessment)}`
      await crew.models.ask(run, crew, { purpose: 'readiness plan', prompt })
      const rest = decide(run, assessment, await askAdvisers(crew, athlete, assessment))
      await crew.memory.store(run, crew, `${athlete.id}: baseline`, String(assessment.hrv_baseline))
      run.handoff({
        to: { id: 'training_coach', role: 'Training coach' },
        reason: rest ? 'plan an easy day' : 'plan the session',
      })
      return rest
    } catch (error) {
      run.conversation({ direction: 'system_error', conversationId: session, messageNumber: 2 })
      throw error
    }
  })
}

async function readBody(run: AgentRun, crew: Crew, athlete: Athlete): Promise<Assessment> {
  const known = await crew.memory.recall(run, crew, `${athlete.id}: baseline`)
  const assessment = await useTool(run, crew, 'hrv_analysis', async () => {
    await useTool(run, crew, 'artifact_filter', () => athlete.nights.filter(({ hrv }) => hrv > 0).length)
    return assess(athlete)
  })
  run.biometric({
    metrics: { ...assessment },
    depth: known === undefined ? 'full' : 'update',
    alerts: assessment.recovery_score < restBelow - 5,
    trend: trendOf(assessment),
  })
  return assessment
}

/** Both work at the same time, and one that fails is done without. How many answered. */
async function askAdvisers(crew: Crew, athlete: Athlete, assessment: Assessment): Promise<number> {
  const plans = [sleepPlan(beside(crew), assessment), nutritionPlan(beside(crew), athlete)]
  return (await Promise.allSettled(plans)).filter(({ status }) => status === 'fulfilled').length
}

function decide(run: AgentRun, { recovery_score: score, sleep_debt_hours: debt }: Assessment, plans: number): boolean {
  const rest = score < restBelow
  const certainty = 0.5 + plans * 0.1 + Math.abs(score - restBelow) / 150
  run.decision({
    decision: rest ? 'easy day' : 'train as planned',
    confidence: Math.round(Math.min(0.97, certainty) * 100) / 100,
    reasoning: [`recovery ${score}`, `sleep debt ${debt} h`, `${plans} of 2 advisers answered`],
    alternatives: rest ? ['train as planned'] : ['easy day'],
    dataSources: ['hrv_analysis', 'sleep_specialist', 'nutritionist'],
    category: 'training',
    impact: rest ? 'high' : 'medium',
  })
  return rest
}
