import { useMemo, useState } from 'react'
import { usePage } from '../live/use-live.ts'
import type { EventLog, Row } from '../state/event-log.ts'
import { setQuery, useRoute } from '../shell/use-route.ts'
import { filterFrom, filterParameters } from './filter.ts'
import type { Filter } from './filter.ts'
import { narrow } from './narrowed.ts'
import type { Narrowed } from './narrowed.ts'
import { useOlder } from './use-older.ts'
import type { Older } from './use-older.ts'

/** Who stopped the feed: it goes on by itself only after a scroll, back at the top. */
export type Pause = 'by hand' | 'by scrolling'

export interface Feed {
  readonly filter: Filter
  /** What is shown, oldest first: as it was when the feed was stopped, or as it is; before it what was asked for of older events. */
  readonly rows: readonly Row[]
  readonly older: Older
  readonly paused: Pause | undefined
  /** Matching events that came since it was stopped. */
  readonly waiting: number
  readonly pause: (by: Pause) => void
  readonly resume: () => void
}

interface Stopped {
  readonly by: Pause
  readonly log: EventLog
  /** Events of the same filter that had matched then. */
  readonly matched: number
  readonly filter: Filter
}

export function useFeed(): Feed {
  const log = usePage((state) => state.log)
  const filter = useFilter()
  const live = useNarrowed(log, filter)
  const [stopped, setStopped] = useState<Stopped>()
  const shownLog = stopped?.log ?? log
  const shown = useNarrowed(shownLog, filter)
  const older = useOlder(shownLog, filter)
  const rows = useMemo(() => [...older.rows, ...shown.rows], [older.rows, shown.rows])
  const pause = (by: Pause) =>
    setStopped((before) => (before === undefined ? { by, log, filter, matched: live.matched } : { ...before, by }))
  const load = () => {
    if (older.state === 'none') return
    // What is asked for goes before what stands still.
    pause('by hand')
    older.load()
  }
  return {
    filter,
    rows,
    older: { ...older, load },
    paused: stopped?.by,
    // With another filter what waits is what came of it since then: of all that is kept.
    waiting: stopped === undefined ? 0 : live.matched - (stopped.filter === filter ? stopped.matched : shown.matched),
    pause,
    resume: () => setStopped(undefined),
  }
}

/** The same object until one of its parameters changes: choosing an event is none. */
function useFilter(): Filter {
  const { query } = useRoute()
  const parameters = filterParameters.flatMap((name) => query.getAll(name).map((value) => [name, value]))
  const text = new URLSearchParams(parameters).toString()
  return useMemo(() => filterFrom(new URLSearchParams(text)), [text])
}

export function clearFilters(): void {
  setQuery(Object.fromEntries(filterParameters.map((name) => [name, undefined])))
}

function useNarrowed(log: EventLog, filter: Filter): Narrowed {
  const [memory] = useState<{ narrow: (log: EventLog, filter: Filter) => Narrowed }>(remembering)
  return useMemo(() => memory.narrow(log, filter), [memory, log, filter])
}

/** Keeps the last answer to go on from. Asked twice for the same it answers the same. */
function remembering() {
  let last: Narrowed | undefined
  return {
    narrow: (log: EventLog, filter: Filter) => {
      last = narrow(last, log, filter)
      return last
    },
  }
}
