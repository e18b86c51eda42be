import type { RunRow } from './run-rows.ts'
import { statusTones } from './run-words.ts'
import { useGoesOn } from './use-goes-on.ts'

/** How a run is; "not known" where nobody has said it. */
export function RunBadge({ run }: { readonly run: RunRow }) {
  const goesOn = useGoesOn(run)
  const status = run.status ?? (goesOn ? 'running' : undefined)
  return (
    <span className="badge" data-tone={status === undefined ? 'quiet' : statusTones[status]}>
      {status ?? 'not known'}
    </span>
  )
}
