import type { RefObject } from 'react'
import { useShortcut } from '../shell/shortcuts.ts'
import { indexOfEvent } from '../state/event-log.ts'
import { clearFilters } from './use-feed.ts'
import type { Feed } from './use-feed.ts'

interface Keys {
  readonly feed: Feed
  readonly chosen: string | undefined
  readonly choose: (id: string | undefined) => void
  readonly search: RefObject<HTMLInputElement | null>
}

/** The keys of the feed. */
export function useFeedKeys({ feed, chosen, choose, search }: Keys): void {
  const { rows } = feed
  const step = (by: number) => {
    const at = indexOfEvent(rows, chosen)
    for (let index = at === -1 ? rows.length - 1 : at - by; index >= 0 && index < rows.length; index -= by) {
      const row = rows[index]
      if (row?.kind === 'event') return choose(row.event.event_id)
    }
  }
  useShortcut('j', 'Next event below', () => step(1))
  useShortcut('k', 'Next event above', () => step(-1))
  useShortcut('/', 'Search', () => search.current?.focus())
  useShortcut('p', 'Pause, or go on', () => (feed.paused === undefined ? feed.pause('by hand') : feed.resume()))
  useShortcut('o', 'Load older events', feed.older.load)
  useShortcut('c', 'Clear the filters', clearFilters)
  useShortcut('Escape', 'Close the event, then go on', () => {
    if (chosen === undefined) feed.resume()
    else choose(undefined)
  })
}
