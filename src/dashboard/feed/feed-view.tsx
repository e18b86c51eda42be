import { useRef } from 'react'
import { usePage } from '../live/use-live.ts'
import { setQuery, useRoute } from '../shell/use-route.ts'
import { eventIn } from '../state/event-log.ts'
import { NothingYet } from '../ui/nothing-yet.tsx'
import { EventDetail } from './event-detail.tsx'
import { FeedBar } from './feed-bar.tsx'
import { FeedList } from './feed-list.tsx'
import { useFeed } from './use-feed.ts'
import { useFeedKeys } from './use-feed-keys.ts'
import type { Older } from './use-older.ts'
import './feed.css'

/** Everything that happens, newest first, one sentence each. */
export function FeedView() {
  const isEmpty = usePage(({ log }) => log.rows.length === 0)
  const feed = useFeed()
  const { query } = useRoute()
  const chosen = query.get('event') ?? undefined
  const search = useRef<HTMLInputElement>(null)
  const { rows } = feed

  const choose = (id: string | undefined) => {
    if (id !== undefined && feed.paused !== 'by hand') feed.pause('by hand')
    setQuery({ event: id, of: eventIn(rows, id)?.trace_id ?? undefined })
  }
  useFeedKeys({ feed, chosen, choose, search })
  if (isEmpty && chosen === undefined) return <NothingYet />
  return (
    <div className="fills feed" data-detail={chosen !== undefined}>
      <h1 className="unseen">Feed</h1>
      <FeedBar feed={feed} search={search} />
      {rows.length === 0 ? <NoMatch older={feed.older} /> : <FeedList feed={feed} chosen={chosen} onChoose={choose} />}
      {chosen !== undefined && (
        <EventDetail
          key={chosen}
          id={chosen}
          trace={query.get('of') ?? undefined}
          rows={rows}
          onClose={() => choose(undefined)}
        />
      )}
    </div>
  )
}

function NoMatch({ older }: { readonly older: Older }) {
  return (
    <p className="none feed-none" role="status">
      {older.state === 'none'
        ? 'Nothing in the stream matches. What does is shown here as it happens.'
        : 'Nothing matches so far. What does is shown here as it happens; “Load older” looks further back.'}
    </p>
  )
}
