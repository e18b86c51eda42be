import { formatRoute, parseRoute, tokenOf } from '../state/route.ts'

const key = 'auren.token'

/**
 * The token of this tab: that of the link it was opened with, else the one it had before. It is taken out of the address, so that it is
 * in no history, bookmark or screenshot, and forgotten when the tab is closed.
 */
export function takeToken(): string | undefined {
  const given = tokenOf(location.hash)
  if (given === undefined) return sessionStorage.getItem(key) ?? undefined
  const query = new URLSearchParams(location.hash.slice(1))
  const view = parseRoute(query.get('view') ?? '')
  history.replaceState(null, '', `${location.pathname}${location.search}${formatRoute(view)}`)
  keepToken(given)
  return given
}

export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(key)
  else sessionStorage.setItem(key, token)
}
