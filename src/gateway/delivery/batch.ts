import type { FeedItem } from '../feed/feed-item.ts'
import type { Budget } from './budget.ts'
import { encode } from './encoding.ts'
import type { Encoding } from './encoding.ts'
import type { View } from './view.ts'

/** What may leave in one write: enough to make the call worth it, little enough not to hold much memory for one client. */
const batchLimits = { bytes: 65_536, items: 512 }

export interface Batch {
  /** Empty when nothing of it is for this view. */
  readonly bytes: Buffer
  readonly events: number
  /** Items looked at, seen or not. */
  readonly items: number
  readonly cursor: string | undefined
}

const nothing = Buffer.alloc(0)

/** The next items of the feed as one view sees them, up to the limits. */
export function batchOf(
  items: Iterable<FeedItem>,
  {
    view,
    encoding,
    budget,
  }: { readonly view: View; readonly encoding: Encoding; readonly budget?: Budget | undefined },
): Batch {
  const parts: Buffer[] = []
  let [bytes, events, looked] = [0, 0, 0]
  let cursor: string | undefined
  for (const item of items) {
    looked += 1
    cursor = item.cursor
    const isEvent = item.kind === 'event'
    if (view.sees(item) && !(isEvent && budget?.take() === false)) {
      encode(encoding, parts, item, isEvent ? budget?.settle() : 0)
      bytes += item.bytes
      events += Number(isEvent)
    }
    if (bytes >= batchLimits.bytes || looked >= batchLimits.items) break
  }
  const joined = parts.length === 1 ? (parts[0] as Buffer) : parts.length === 0 ? nothing : Buffer.concat(parts)
  return { bytes: joined, events, items: looked, cursor }
}
