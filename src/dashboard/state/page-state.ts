import { foldRuns, noRuns, withSummaries, withTree } from '../../client/live-runs.ts'
import type { LiveRuns } from '../../client/live-runs.ts'
import type { ServerMessage } from '../../protocol/server-messages.ts'
import type { PerformanceSummary } from '../../protocol/summary.ts'
import { foldConnection, notConnected } from './connection.ts'
import type { Connection } from './connection.ts'
import { emptyLog, foldLog } from './event-log.ts'
import type { EventLog } from './event-log.ts'
import type { Input } from './input.ts'
import { foldPipeline, quietPipeline } from './pipeline.ts'
import type { Pipeline } from './pipeline.ts'
import { foldTotals, noTotals } from './totals.ts'
import type { Totals } from './totals.ts'

/** Everything the page knows. What did not change stays the same object. */
export interface PageState {
  readonly connection: Connection
  readonly log: EventLog
  readonly runs: LiveRuns
  readonly totals: Totals
  readonly pipeline: Pipeline
  /** The five minutes before, by agent: asked for every ten seconds, and sent every thirty. */
  readonly summary: PerformanceSummary['data'] | undefined
}

export const emptyPage: PageState = {
  connection: notConnected,
  log: emptyLog,
  runs: noRuns,
  totals: noTotals,
  pipeline: quietPipeline,
  summary: undefined,
}

/** The state after what came since the last frame. Pure. */
export function fold(state: PageState, inputs: readonly Input[]): PageState {
  const connection = inputs.reduce(foldConnection, state.connection)
  return {
    connection,
    log: foldLog(state.log, inputs),
    runs: foldAllRuns(state.runs, inputs),
    pipeline: foldPipeline(state.pipeline, inputs, connection.clockAheadMs),
    totals: foldTotals(state.totals, inputs, connection.clockAheadMs),
    summary: inputs.reduce(foldSummary, state.summary),
  }
}

function foldAllRuns(before: LiveRuns, inputs: readonly Input[]): LiveRuns {
  const messages = inputs.flatMap((input): readonly ServerMessage[] => {
    if (input.type === 'message') return [input.message]
    return input.type === 'history' ? input.events.map((event) => ({ type: 'stream_event', id: '', event })) : []
  })
  let runs = foldRuns(before, messages)
  for (const input of inputs) {
    if (input.type === 'runs') runs = withSummaries(runs, input.runs)
    if (input.type === 'run') runs = withTree(runs, input.run)
  }
  return runs
}

function foldSummary(summary: PageState['summary'], input: Input): PageState['summary'] {
  if (input.type === 'summary') return input.summary
  return input.type === 'message' && input.message.type === 'performance_summary' ? input.message.data : summary
}
