import type { ServerMessage } from '../protocol/server-messages.ts'

/** Frame → message; undefined where it is none. Types that are not known pass: a newer gateway may have more of them. */
export function parseServerMessage(data: unknown): ServerMessage | undefined {
  if (typeof data !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(data)
    const isMessage = typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
    return isMessage ? (value as ServerMessage) : undefined
  } catch {
    return undefined
  }
}
