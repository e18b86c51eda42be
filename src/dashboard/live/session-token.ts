import { splitToken } from '../state/route.ts'

const key = 'auren.token'

/**
 * The token of this tab: that of the link it was opened with, else the one it had before. It is taken out of the address, so that it is
 * in no history, bookmark or screenshot, and forgotten when the tab is closed.
 */
export function takeToken(): string | undefined {
  const { token, hash } = splitToken(location.hash)
  if (token === undefined) return sessionStorage.getItem(key) ?? undefined
  history.replaceState(null, '', hash)
  keepToken(token)
  return token
}

export function keepToken(token: string | undefined): void {
  if (token === undefined) sessionStorage.removeItem(key)
  else sessionStorage.setItem(key, token)
}
