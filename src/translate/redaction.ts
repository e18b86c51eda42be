import type { AgentRef } from '../events/event.ts'
import { remembered, rememberedLength } from './remembered.ts'
import { isSecretName, maskSecrets } from './secrets.ts'

/**
 * The user's say, which must not throw: text without secrets in, the text to keep out, undefined where the hook failed. `key`
 * is the name of the value that the text is or is inside of: `prompt`, `tool_name`, `span_name`.
 */
export type RedactText = (text: string, key: string) => string | undefined

/** What is kept; what is beyond is cut, and the place named in `metadata.truncated`. */
export const limits = {
  /** Characters of one text. */
  text: 32_768,
  /** Characters of a name: of a span, an error type, an agent's role. */
  name: 256,
  /** Entries of one list or object. */
  entries: 256,
  depth: 12,
  /** UTF-8 bytes of one event's payload. */
  bytes: 262_144,
} as const

/** Characters beyond the limit in which a secret may end that begins before it. */
const margin = 4_096
/** Places that are named at most. */
const placesNamed = 20
/** What an entry takes besides its text: quotes, colon, comma. */
const entryBytes = 8

export interface Redacted {
  readonly value: Record<string, unknown>
  /** Where something was cut for its size, such as `arguments.rows`. */
  readonly truncated: readonly string[]
  /** Where the user's hook failed, and the text was dropped. */
  readonly dropped: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/**
 * A copy that JSON can hold and that may leave the process: secrets masked in every text, the user's hook applied, size
 * bounded. Bytes, cycles, big integers, half surrogates and objects that throw give something readable. Never throws.
 */
export function redact(fields: Fields, hook?: RedactText): Redacted {
  const redaction = new Redaction(hook)
  const value = redaction.entries(fields, '', 0)
  return { value, truncated: redaction.truncated, dropped: redaction.dropped }
}

/** A short text that names something, without secrets and bounded; undefined when the hook dropped it. */
export function redactName(text: string, key: string, hook?: RedactText): string | undefined {
  if (text.length <= rememberedLength && hook === undefined) return shortText(text).masked
  return wellFormed(applied(hook, maskSecrets(text.slice(0, limits.name)), key)?.slice(0, limits.name))
}

/** An id by which readers are let in (session, user, agent): bounded, and otherwise as it is, so that it stays equal. */
export function boundedId(id: string): string {
  return wellFormed(id.slice(0, limits.name))
}

/** Goals and descriptions are texts like any other; the id stays. */
export function redactAgent(agent: AgentRef, hook?: RedactText): AgentRef {
  const { id, ...texts } = agent
  const { role, ...others } = redact(texts, hook).value
  return { id: boundedId(id), role: typeof role === 'string' ? role : boundedId(id), ...others }
}

class Redaction {
  readonly truncated: string[] = []
  readonly dropped: string[] = []
  readonly #hook: RedactText | undefined
  #bytesLeft: number = limits.bytes

  constructor(hook: RedactText | undefined) {
    this.#hook = hook
  }

  /** Own fields only, so that a key such as `__proto__` is only a key. */
  entries(fields: Fields, place: string, depth: number): Record<string, unknown> {
    const kept: Record<string, unknown> = {}
    let count = 0
    for (const key of Object.keys(fields)) {
      if (count >= limits.entries || this.#bytesLeft <= 0) {
        this.#note(this.truncated, place)
        break
      }
      const name = keyName(key)
      const at = place === '' ? name : `${place}.${name}`
      this.#bytesLeft -= name.length + entryBytes
      const value = this.#visit(fields[key], name, at, depth + 1)
      if (value === undefined) continue
      count += 1
      // Set on an object it would be the prototype.
      if (name === '__proto__') Object.defineProperty(kept, name, { value, enumerable: true })
      else kept[name] = value
    }
    return kept
  }

  #visit(value: unknown, key: string, place: string, depth: number): unknown {
    switch (typeof value) {
      case 'string':
        return isSecretName(key) && value.length >= 6 ? '[secret]' : this.#text(value, key, place)
      case 'number':
        return Number.isFinite(value) ? value : undefined
      case 'boolean':
        return value
      case 'bigint':
        return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
      case 'object':
        return value === null ? null : this.#structure(value, key, place, depth)
      default:
        return undefined
    }
  }

  #structure(value: object, key: string, place: string, depth: number): unknown {
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (depth > limits.depth) {
      this.#note(this.truncated, place)
      return '[nested]'
    }
    try {
      return Array.isArray(value) ? this.#list(value, key, place, depth) : this.entries(value as Fields, place, depth)
    } catch {
      return '[unreadable]'
    }
  }

  #list(values: readonly unknown[], key: string, place: string, depth: number): unknown[] {
    const kept: unknown[] = []
    for (const value of values) {
      if (kept.length >= limits.entries || this.#bytesLeft <= 0) {
        this.#note(this.truncated, place)
        kept.push(`[${values.length - kept.length} more]`)
        break
      }
      this.#bytesLeft -= entryBytes
      kept.push(this.#visit(value, key, place, depth + 1) ?? null)
    }
    return kept
  }

  #text(text: string, key: string, place: string): string | undefined {
    if (text.length <= rememberedLength && this.#hook === undefined) {
      const { masked, bytes } = shortText(text)
      if (bytes <= this.#bytesLeft) {
        this.#bytesLeft -= bytes
        return masked
      }
    }
    const window = text.slice(0, limits.text + margin)
    const masked = maskSecrets(window)
    const kept = this.#hooked(masked, key, place)
    if (kept === undefined) return undefined
    // What was cut off in the middle of a secret is in the margin, and goes with it.
    const whole = window.length < text.length ? kept.slice(0, Math.max(0, kept.length - margin)) : kept
    const fitting = this.#fitting(whole.slice(0, limits.text))
    const cut = fitting.length < kept.length || window.length < text.length
    if (cut) this.#note(this.truncated, place)
    return wellFormed(cut ? `${fitting}… [of ${text.length} characters]` : fitting)
  }

  #hooked(text: string, key: string, place: string): string | undefined {
    const kept = applied(this.#hook, text, key)
    if (kept === undefined) this.#note(this.dropped, place)
    return kept
  }

  /** The part of the text that the event has room for. */
  #fitting(text: string): string {
    const left = Math.max(0, this.#bytesLeft)
    const bytes = Buffer.byteLength(text)
    this.#bytesLeft -= bytes
    // No character takes more than three bytes for each of its UTF-16 units.
    return bytes <= left ? text : text.slice(0, Math.floor(left / 3))
  }

  #note(places: string[], place: string): void {
    if (places.length < placesNamed && !places.includes(place)) places.push(place)
  }
}

function applied(hook: RedactText | undefined, text: string, key: string): string | undefined {
  return hook === undefined ? text : hook(text, key)
}

const keyName = remembered((key) => wellFormed(maskSecrets(key.slice(0, limits.name))))

/** A short text without secrets, and its bytes: names of models, tools and agents come again with every event. */
const shortText = remembered((text) => {
  const masked = wellFormed(maskSecrets(text))
  return { masked, bytes: Buffer.byteLength(masked) }
})

/** Without half surrogates and NUL, which JSON can write but many a reader cannot take. */
function wellFormed(text: string): string
function wellFormed(text: string | undefined): string | undefined
function wellFormed(text: string | undefined): string | undefined {
  if (text === undefined || (text.isWellFormed() && !text.includes('\0'))) return text
  return text.toWellFormed().replaceAll('\0', '\uFFFD')
}
