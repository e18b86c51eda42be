import type { ReactNode } from 'react'
import { CopyButton } from './copy-button.tsx'
import './detail-pane.css'

/** Everything known of what was chosen in a list, beside that list. */
export function DetailPane({
  what,
  json,
  onClose,
  children,
}: {
  /** `event`, `step`: its name for those who cannot see it. */
  readonly what: string
  /** Shown below the rest, and copied; undefined while there is none. */
  readonly json: unknown
  readonly onClose: () => void
  readonly children: ReactNode
}) {
  const text = json === undefined ? undefined : JSON.stringify(json, null, 2)
  return (
    <aside className="detail-pane" aria-label={`${what.charAt(0).toUpperCase()}${what.slice(1)}`}>
      <div className="detail-head">
        {text !== undefined && <CopyButton label="Copy JSON" text={text} />}
        <CopyButton label="Copy link" text={() => location.href} />
        <button type="button" className="icon" aria-label={`Close the ${what}`} onClick={onClose}>
          <span aria-hidden="true">×</span>
        </button>
      </div>
      {children}
      {text !== undefined && (
        <pre tabIndex={0} aria-label="JSON">
          {text}
        </pre>
      )}
    </aside>
  )
}
