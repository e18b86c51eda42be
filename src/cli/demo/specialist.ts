import type { AgentIdentity } from '../../instrumentation/agent-types.ts'
import type { MemoryTiers } from './memory-tiers.ts'
import type { Models } from './models.ts'
import type { Pace } from './pace.ts'

/** What the specialists of one run work with. */
export interface Crew extends Pace {
  readonly memory: MemoryTiers
  readonly models: Models
}

const specialists = {
  neuroscientist: { role: 'Neuroscientist', goal: 'Keep the nervous system ready for what is asked of it' },
  nutritionist: { role: 'Nutritionist', goal: 'Fuel training and recovery' },
  training_coach: { role: 'Training coach', goal: 'Turn readiness into the right session' },
  recovery_agent: { role: 'Recovery agent', goal: 'Shorten the way back to baseline' },
  sleep_specialist: { role: 'Sleep specialist', goal: 'Pay back sleep debt' },
} as const

export type Specialist = keyof typeof specialists

export function identity(id: Specialist, more: Partial<AgentIdentity> = {}): AgentIdentity {
  return { id, ...specialists[id], ...more }
}

/** The same crew with numbers of its own, for work beside other work. */
export function beside(crew: Crew): Crew {
  return { ...crew, random: crew.random.fork() }
}
