import { setTimeout as sleep } from 'node:timers/promises'
import { startAuren } from '../../instrumentation/start.ts'
import { Team } from './team.ts'

export interface CrewOptions {
  /** Runs a minute. */
  readonly rate: number
  /** Seconds; without it the crew works until it is stopped. */
  readonly duration?: number
  readonly stream?: string
}

/** Questions answered at once; a faster rate waits for a place. */
const maxAtOnce = 8

/**
 * The crew at work in this process: real code, observed through the agent API like any agent. A signal cancels what is
 * under way, so that its runs end as failed; after the duration they are finished first.
 */
export async function runCrew({ rate, duration, stream }: CrewOptions): Promise<void> {
  const auren = startAuren({ serviceName: 'auren-demo-crew', ...(stream === undefined ? {} : { stream }) })
  const [cancel, enough] = [new AbortController(), new AbortController()]
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(event, () => cancel.abort())
  if (duration !== undefined) setTimeout(() => enough.abort(), duration * 1000).unref()
  const team = new Team(Date.now(), (ms) => sleep(ms, undefined, { signal: cancel.signal }))
  await answer(team, 60_000 / rate, AbortSignal.any([cancel.signal, enough.signal]))
  await auren.shutdown()
  process.exit(0)
}

/** One question each so many milliseconds until the signal. Resolves when all of them are over. */
async function answer(team: Team, everyMs: number, signal: AbortSignal): Promise<void> {
  const open = new Set<Promise<void>>()
  while (!signal.aborted) {
    // A run that fails is part of the show: the failure is in its events.
    const run = team.answerNext().catch(() => undefined)
    open.add(run)
    void run.then(() => open.delete(run))
    await sleep(everyMs, undefined, { signal }).catch(() => undefined)
    if (open.size >= maxAtOnce) await Promise.race(open)
  }
  await Promise.all(open)
}
