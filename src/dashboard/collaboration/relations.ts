import type { AgentCard } from '../now/agent-cards.ts'
import { addCollaborations } from '../state/collaborations.ts'
import type { Collaboration } from '../state/collaborations.ts'
import { mergedMinutes } from '../state/last-minutes.ts'
import type { Totals } from '../state/totals.ts'

/** What one agent gives to another, and whether it waits for it now. */
export interface Relation {
  readonly from: string
  readonly fromRole: string
  readonly to: string
  readonly toRole: string
  /** By kind, the most frequent first. */
  readonly kinds: readonly (readonly [kind: string, times: number])[]
  readonly times: number
  readonly failed: number
  /** Milliseconds until the other one was done; undefined where no event said it. */
  readonly meanMs: number | undefined
  /** Open at the moment, and since when the longest of them is. */
  readonly waiting: number
  readonly waitingSince: string | undefined
}

/** Finished ones of the minutes that are shown, open ones of the runs that are; by who gives and who takes. */
export function relationsOf(
  { collaborations }: Pick<Totals, 'collaborations'>,
  currentMinute: number,
  cards: readonly AgentCard[],
): Relation[] {
  // A card has the id for a role that it does not know.
  const roles = new Map(cards.filter(({ id, role }) => role !== id).map(({ id, role }) => [id, role]))
  const pairs = new Map<string, Collaboration[]>()
  for (const one of mergedMinutes(collaborations, currentMinute, addCollaborations)) {
    const key = keyOf(one)
    pairs.set(key, [...(pairs.get(key) ?? []), one])
  }
  const waits = Map.groupBy(waitsOf(cards), keyOf)
  return [...new Set([...pairs.keys(), ...waits.keys()])]
    .flatMap((key) => {
      const [finished, open] = [pairs.get(key) ?? [], waits.get(key) ?? []]
      const first = finished[0] ?? open[0]
      return first === undefined ? [] : relation(first, finished, open, roles)
    })
    .sort((a, b) => compare(a.fromRole, b.fromRole) || compare(a.toRole, b.toRole) || compare(keyOf(a), keyOf(b)))
}

type Pair = Pick<Relation, 'from' | 'to'>
type Wait = Pair & { readonly since: string }

export function keyOf({ from, to }: Pair): string {
  return JSON.stringify([from, to])
}

function relation(
  { from, to }: Pair,
  finished: readonly Collaboration[],
  open: readonly Wait[],
  roles: ReadonlyMap<string, string>,
): Relation {
  const sum = (key: 'times' | 'failed' | 'timed' | 'totalMs') => finished.reduce((total, one) => total + one[key], 0)
  const timed = sum('timed')
  return {
    from,
    fromRole: roles.get(from) ?? finished[0]?.fromRole ?? from,
    to,
    toRole: roles.get(to) ?? finished[0]?.toRole ?? to,
    kinds: finished.map(({ kind, times }) => [kind, times] as const).sort(([, a], [, b]) => b - a),
    times: sum('times'),
    failed: sum('failed'),
    meanMs: timed === 0 ? undefined : sum('totalMs') / timed,
    waiting: open.length,
    waitingSince: open.map(({ since }) => since).sort(compare)[0],
  }
}

function waitsOf(cards: readonly AgentCard[]): Wait[] {
  return cards.flatMap(({ id, doing }) =>
    doing.flatMap(({ isWait, step: { agent, started_at: since } }) =>
      isWait && agent !== null ? [{ from: id, to: agent, since }] : [],
    ),
  )
}

function compare(a: string, b: string): number {
  return a.localeCompare(b)
}
