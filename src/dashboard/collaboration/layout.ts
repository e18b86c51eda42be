import type { Relation } from './relations.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

type Pair = Pick<Relation, 'from' | 'to'>

/** Pixels from one agent to the next: along what is given, and across. */
const along = 390
const across = 110

/**
 * Where each agent stands: to the right of those that give to it, by name among those beside it. What leads back to who gave first
 * moves nobody. The same relations, in any order, give the same places.
 */
export function layOut(relations: readonly Pair[]): ReadonlyMap<string, Place> {
  const below = new Map<string, string[]>()
  for (const { from, to } of relations) {
    below.set(from, [...(below.get(from) ?? []), to])
    if (!below.has(to)) below.set(to, [])
  }
  const ranks = ranksOf(below)
  const columns = Map.groupBy([...below.keys()].sort(), (id) => ranks.get(id) ?? 0)
  const places = new Map<string, Place>()
  for (const [rank, ids] of columns)
    for (const [index, id] of ids.entries())
      places.set(id, { x: rank * along, y: (index - (ids.length - 1) / 2) * across })
  return places
}

/** The longest way from an agent to whom nobody gives, without the relations that close a circle. */
function ranksOf(below: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const taken = new Set([...below.values()].flat())
  const [ranks, onTheWay] = [new Map<string, number>(), new Set<string>()]
  const visit = (id: string, rank: number) => {
    if (onTheWay.has(id) || rank <= (ranks.get(id) ?? -1)) return
    ranks.set(id, rank)
    onTheWay.add(id)
    for (const next of (below.get(id) ?? []).toSorted()) visit(next, rank + 1)
    onTheWay.delete(id)
  }
  const sorted = [...below.keys()].sort()
  for (const id of sorted) if (!taken.has(id)) visit(id, 0)
  for (const id of sorted) if (!ranks.has(id)) visit(id, 0)
  return ranks
}
