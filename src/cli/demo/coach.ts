import { agent } from '../../instrumentation/agent.ts'
import type { AgentRun } from '../../instrumentation/agent.ts'
import { loadLimit, recoveryCheck } from './advisers.ts'
import type { Athlete } from './athlete.ts'
import { identity } from './specialist.ts'
import type { Crew } from './specialist.ts'
import { useTool } from './tools.ts'

/** The coach writes the session, agrees on it with the recovery agent, and answers the user. */
export function trainingPlan(crew: Crew, athlete: Athlete, session: string, rest: boolean): Promise<void> {
  return agent(identity('training_coach', { session, user: athlete.user }), async (run) => {
    try {
      const planned = await buildSession(run, crew, athlete, rest)
      const minutes = await agree(run, crew, athlete, planned)
      await crew.models.ask(run, crew, { purpose: 'session', prompt: `${minutes} minutes for ${athlete.id}` })
      await crew.memory.store(run, crew, `${athlete.id}: last session`, String(minutes))
      const message = `${minutes} minutes today.`
      run.conversation({ direction: 'system_to_user', message, conversationId: session, messageNumber: 2 })
    } catch (error) {
      run.conversation({ direction: 'system_error', conversationId: session, messageNumber: 2 })
      throw error
    }
  })
}

/** Minutes: a little more than last time, and half of it on an easy day. */
async function buildSession(run: AgentRun, crew: Crew, athlete: Athlete, rest: boolean): Promise<number> {
  const last = await crew.memory.recall(run, crew, `${athlete.id}: last session`)
  return useTool(run, crew, 'session_builder', async () => {
    const zone = await useTool(run, crew, 'heart_rate_zones', () => (rest ? 1 : 3))
    const usual = Math.min(80, Number(last ?? 40) + 5)
    return Math.max(20, Math.round(zone === 1 ? usual / 2 : usual))
  })
}

/** Where the week was hard enough already, the two agree on less. */
function agree(run: AgentRun, crew: Crew, athlete: Athlete, planned: number): Promise<number> {
  const reason = `${planned} minutes planned`
  return run.collaborate({ with: 'recovery_agent', type: 'consultation', reason }, async (step) => {
    const { weeklyLoad, confidence } = await recoveryCheck(crew, athlete)
    const tooMuch = weeklyLoad > loadLimit && planned > 40
    step.consensus(!tooMuch)
    step.confidence({ training_coach: 0.8, recovery_agent: Math.round(confidence * 100) / 100 })
    return tooMuch ? Math.round(planned * 0.7) : planned
  })
}
