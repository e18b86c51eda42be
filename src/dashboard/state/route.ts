/** Where the page is: a view, and what is chosen in it. Kept behind the `#`, so that links work wherever the gateway is served. */
export interface Route {
  readonly view: string
  readonly query: URLSearchParams
}

/** `#/feed?agent=coach` → the view `feed` and its query. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  return { view: path, query: new URLSearchParams(query) }
}

export function formatRoute({ view, query }: Route): string {
  const text = query.toString()
  return `#/${view}${text === '' ? '' : `?${text}`}`
}

/** The token of a link such as `…/#token=…` or `…/#/feed?token=…`, and the fragment without it. */
export function splitToken(hash: string): { readonly token: string | undefined; readonly hash: string } {
  const { view, query } = parseRoute(hash.replace(/^#(?!\/)/, '#/?'))
  const token = query.get('token') || undefined
  query.delete('token')
  return { token, hash: formatRoute({ view, query }) }
}
