import type { AurenEvent } from '../../events/event.ts'
import type { Gap } from '../../protocol/server-messages.ts'
import type { Input } from './input.ts'

/** Something that a reader should know before believing that all is there. Times are milliseconds of the gateway's clock. */
export type Trouble = { readonly seq: number; readonly at: number } & Cause

type Cause =
  /** The gateway could not send events to this page. */
  | { readonly kind: 'gap'; readonly count: number | undefined; readonly reason: Gap['reason'] }
  /** An agent process lost events before the stream: `telemetry_gap`. */
  | { readonly kind: 'loss'; readonly id: string; readonly count: number | undefined; readonly reason: string }
  /** The connection was lost. It is back since `until`. */
  | { readonly kind: 'break'; readonly until: number | undefined; readonly reason: string | undefined }

/** How events come to this page. */
export interface Pipeline {
  /** Events that came, by stretch of {@link binMs} since the epoch. */
  readonly arrivals: ReadonlyMap<number, number>
  /** Oldest first. */
  readonly troubles: readonly Trouble[]
  /** When the page was first let in. */
  readonly since: number | undefined
}

export const quietPipeline: Pipeline = { arrivals: new Map(), troubles: [], since: undefined }

export const binMs = 5_000
/** Bins shown: five minutes. */
const binsShown = 60
const troublesKept = 200

export function foldPipeline(pipeline: Pipeline, inputs: readonly Input[], clockAheadMs: number): Pipeline {
  const arrivals = foldArrivals(pipeline.arrivals, inputs, clockAheadMs)
  const troubles = foldTroubles(pipeline.troubles, inputs, clockAheadMs)
  const since = pipeline.since ?? firstWelcome(inputs, clockAheadMs)
  const isSame = arrivals === pipeline.arrivals && troubles === pipeline.troubles && since === pipeline.since
  return isSame ? pipeline : { arrivals, troubles, since }
}

/** Events per second of each whole bin, oldest first, undefined for those before the page was let in; `at` in milliseconds. */
export function ratesOf({ arrivals, since = Infinity }: Pipeline, currentBin: number) {
  return Array.from({ length: binsShown }, (_, index) => {
    const bin = currentBin - binsShown + index
    const isKnown = bin >= Math.floor(since / binMs)
    return { at: bin * binMs, rate: isKnown ? ((arrivals.get(bin) ?? 0) * 1_000) / binMs : undefined }
  })
}

function foldArrivals(before: Pipeline['arrivals'], inputs: readonly Input[], ahead: number): Pipeline['arrivals'] {
  let after: Map<number, number> | undefined
  for (const input of inputs) {
    if (input.type !== 'message' || input.message.type !== 'stream_event') continue
    after ??= new Map(before)
    const bin = Math.floor((input.at + ahead) / binMs)
    after.set(bin, (after.get(bin) ?? 0) + 1)
  }
  for (const bin of after?.keys() ?? []) {
    if (after === undefined || after.size <= binsShown + 1) break
    after.delete(bin)
  }
  return after ?? before
}

function foldTroubles(before: readonly Trouble[], inputs: readonly Input[], ahead: number): readonly Trouble[] {
  let troubles = before
  for (const input of inputs) troubles = withTrouble(troubles, input, ahead)
  return troubles.length > troublesKept ? troubles.slice(-troublesKept) : troubles
}

function withTrouble(troubles: readonly Trouble[], input: Input, ahead: number): readonly Trouble[] {
  switch (input.type) {
    case 'message': {
      const { message } = input
      if (message.type === 'stream_event') return withLosses(troubles, [message.event])
      if (message.type !== 'gap') return troubles
      const cause = { kind: 'gap', count: message.missed ?? undefined, reason: message.reason } as const
      return append(troubles, input.at + ahead, cause)
    }
    case 'history':
    case 'past':
      return withLosses(troubles, input.events)
    case 'unreachable':
      return broken(troubles, input.at + ahead, input.reason)
    case 'client':
      if (input.state === 'reconnecting') return broken(troubles, input.at + ahead, input.reason)
      return input.state === 'connecting' ? troubles : mended(troubles, input.at + ahead)
    default:
      return troubles
  }
}

function append(troubles: readonly Trouble[], at: number, cause: Cause): readonly Trouble[] {
  return [...troubles, { seq: (troubles.at(-1)?.seq ?? -1) + 1, at, ...cause }]
}

function withLosses(troubles: readonly Trouble[], events: readonly AurenEvent[]): readonly Trouble[] {
  let after = troubles
  for (const { event_type: type, event_id: id, timestamp, payload } of events) {
    if (type !== 'telemetry_gap') continue
    if (after.some((trouble) => trouble.kind === 'loss' && trouble.id === id)) continue
    const { dropped, reason } = payload
    after = append(after, Date.parse(timestamp) || 0, {
      kind: 'loss',
      id,
      count: typeof dropped === 'number' ? dropped : undefined,
      reason: typeof reason === 'string' ? reason : 'not stated',
    })
  }
  return after
}

function isOpen(trouble: Trouble): trouble is Extract<Trouble, { readonly kind: 'break' }> {
  return trouble.kind === 'break' && trouble.until === undefined
}

/** One break, however often it is tried again. */
function broken(troubles: readonly Trouble[], at: number, reason: string | undefined): readonly Trouble[] {
  return troubles.some(isOpen) ? troubles : append(troubles, at, { kind: 'break', until: undefined, reason })
}

function mended(troubles: readonly Trouble[], at: number): readonly Trouble[] {
  if (!troubles.some(isOpen)) return troubles
  return troubles.map((trouble) => (isOpen(trouble) ? { ...trouble, until: at } : trouble))
}

function firstWelcome(inputs: readonly Input[], ahead: number): number | undefined {
  for (const input of inputs)
    if (input.type === 'message' && input.message.type === 'connection_established') return input.at + ahead
  return undefined
}
