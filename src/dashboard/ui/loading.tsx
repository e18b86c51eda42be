import './loading.css'

/** Said only when it takes longer than one notices: the style waits before it shows it. */
export function Loading({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <p className="loading" role="status">
      {what}…
    </p>
  )
}
