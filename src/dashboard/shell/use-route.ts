import { useMemo, useSyncExternalStore } from 'react'
import { formatRoute, parseRoute } from '../state/route.ts'
import type { Route } from '../state/route.ts'

export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash)
  return useMemo(() => parseRoute(hash), [hash])
}

/** Goes to another view, or to another place in this one. Going back leads here again. */
export function navigate(view: string, query: Readonly<Record<string, string>> = {}): void {
  location.hash = formatRoute({ view, query: new URLSearchParams(query) })
}

/** What is chosen in the present view: undefined takes a parameter away. It makes no entry in the history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { view, query } = parseRoute(location.hash)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name)
    else query.set(name, value)
  }
  history.replaceState(null, '', formatRoute({ view, query }))
  dispatchEvent(new HashChangeEvent('hashchange'))
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}
