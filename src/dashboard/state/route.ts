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

/** The token of a link such as `http://127.0.0.1:8765/#token=…`. */
export function tokenOf(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? undefined
}
