import { usePage } from '../live/use-live.ts'
import { NothingYet } from '../ui/nothing-yet.tsx'

export function FeedView() {
  const log = usePage((state) => state.log)
  if (log.rows.length === 0) return <NothingYet />
  return (
    <ol>
      {log.rows.slice(-100).map((row) => (
        <li key={row.seq}>{row.kind === 'event' ? `${row.agent} ${row.text}` : 'gap'}</li>
      ))}
    </ol>
  )
}
