import { useState } from 'react'
import './copy-button.css'

/** Milliseconds for which the button says that it has copied. */
const saidMs = 1_600

export function CopyButton({
  text,
  label = 'Copy',
}: {
  readonly text: string | (() => string)
  readonly label?: string
}) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    const isDone = await navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(
      () => true,
      () => false,
    )
    setSaid(isDone ? 'Copied' : 'Not allowed')
    setTimeout(() => setSaid(''), saidMs)
  }
  return (
    <>
      <button type="button" className="copy" onClick={() => void copy()}>
        {said === '' ? label : said}
      </button>
      <span className="unseen" role="status">
        {said}
      </span>
    </>
  )
}
