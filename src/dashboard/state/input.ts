import type { ClientState } from '../../client/live-client.ts'
import type { AurenEvent } from '../../events/event.ts'
import type { Run, RunTree } from '../../protocol/runs.ts'
import type { ServerMessage } from '../../protocol/server-messages.ts'
import type { PerformanceSummary } from '../../protocol/summary.ts'

/** Everything that changes what the page knows, in the order in which it came. */
export type Input =
  | { readonly type: 'message'; readonly message: ServerMessage; readonly at: number }
  | { readonly type: 'client'; readonly state: ClientState; readonly reason: string | undefined; readonly at: number }
  /** What happened before the page was opened, oldest first, and the cursor to go back from. */
  | { readonly type: 'history'; readonly events: readonly AurenEvent[]; readonly before: string | undefined }
  /** Those of the past that are added up: all from `since` on, milliseconds since the epoch, or all that there are. */
  | { readonly type: 'past'; readonly events: readonly AurenEvent[]; readonly since: number | undefined }
  | { readonly type: 'runs'; readonly runs: readonly Run[] }
  | { readonly type: 'run'; readonly run: RunTree }
  | { readonly type: 'summary'; readonly summary: PerformanceSummary['data'] }
  | { readonly type: 'signed_out'; readonly reason: string | undefined; readonly at: number }
  /** The gateway could not be asked. */
  | { readonly type: 'unreachable'; readonly reason: string; readonly at: number }
  | { readonly type: 'gap_read' }
