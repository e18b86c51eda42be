import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a browser at this origin may connect: the gateway's own host, or one of the list. Compared whole after parsing,
 * never as part of a string. Programs send no Origin; they are let in and have to show a token like everybody.
 */
export function isAllowedOrigin(headers: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (headers.origin === undefined) return true
  const origin = URL.parse(headers.origin)
  if (origin === null) return false
  return origin.host === headers.host || allowed.some((entry) => URL.parse(entry)?.origin === origin.origin)
}
