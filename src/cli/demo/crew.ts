import { setTimeout as sleep } from 'node:timers/promises'
import { startAuren } from '../../instrumentation/start.ts'
import { createAthlete } from './athlete.ts'
import { MemoryTiers } from './memory-tiers.ts'
import { Random } from './random.ts'
import { answerQuestion } from './specialists.ts'
import type { Crew } from './specialists.ts'

export interface CrewOptions {
  /** Runs a minute. */
  readonly rate: number
  /** Seconds; without it the crew works until it is stopped. */
  readonly duration?: number
  readonly stream?: string
}

const questions = [
  'Am I ready for intervals today?',
  'Why is my variability down this week?',
  'How do I get through two hard days in a row?',
  'Can I move my long run to tomorrow?',
] as const

const athletes = 4
/** Questions answered at once; a faster rate waits for a place. */
const maxAtOnce = 8

/** The crew at work in this process: real code, observed through the agent API like any agent. */
export async function runCrew({ rate, duration, stream }: CrewOptions): Promise<void> {
  const auren = startAuren({ serviceName: 'auren-demo-crew', ...(stream === undefined ? {} : { stream }) })
  const stop = new AbortController()
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, () => stop.abort())
  if (duration !== undefined) setTimeout(() => stop.abort(), duration * 1000).unref()
  const random = new Random(Date.now())
  const team = Array.from({ length: athletes }, (_, index) => createAthlete(`athlete_${index + 1}`, random))
  const crew: Crew = { random, memory: new MemoryTiers(random) }
  const open = new Set<Promise<void>>()
  for (let number = 1; !stop.signal.aborted; number += 1) {
    const athlete = team[number % team.length] ?? createAthlete('athlete_1', random)
    // A run that fails is part of the show: the failure is in its events.
    const run = answerQuestion(crew, athlete, `session_${number}`, random.pick(questions)).catch(() => undefined)
    open.add(run)
    void run.then(() => open.delete(run))
    await sleep(60_000 / rate, undefined, { signal: stop.signal }).catch(() => undefined)
    if (open.size >= maxAtOnce) await Promise.race(open)
  }
  await auren.shutdown()
  process.exit(0)
}
