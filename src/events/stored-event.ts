import { Compile } from 'typebox/compile'
import { StoredEvent } from './event.ts'
import type { AurenEvent } from './event.ts'

/** A malformed entry is an answer, not an exception: one bad entry must never stop a reader. */
export type DecodedEntry =
  { readonly ok: true; readonly event: AurenEvent } | { readonly ok: false; readonly reason: string }

const storedEvent = Compile(StoredEvent)

/** Whether a value read from a stream is an event. The reason names the place, never the content. */
export function checkStored(value: unknown): DecodedEntry {
  if (storedEvent.Check(value)) return { ok: true, event: value as AurenEvent }
  const [first] = storedEvent.Errors(value)
  return { ok: false, reason: `${first?.instancePath || '/'} ${first?.message ?? 'is invalid'}` }
}

/** JSON text of one event, as SQLite and Kafka keep it. */
export function fromEventJson(text: string): DecodedEntry {
  try {
    return checkStored(JSON.parse(text))
  } catch {
    return { ok: false, reason: 'the entry is not JSON' }
  }
}
