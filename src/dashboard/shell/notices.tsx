import { useState } from 'react'
import type { FormEvent } from 'react'
import { useLive, usePage } from '../live/use-live.ts'
import { useClock } from '../ui/clock.ts'
import { gapSentence, phaseSentence } from './connection-words.ts'
import './notices.css'

/** What has to be said until somebody has read it, or it is over. */
export function Notices() {
  return (
    <section className="notices" aria-label="Notices">
      <Lost />
      <Missing />
      <TokenEnds />
    </section>
  )
}

function Lost() {
  const connection = usePage((state) => state.connection)
  if (connection.phase !== 'reconnecting' && connection.phase !== 'lagging') return null
  return (
    <p className="notice" data-tone="warn">
      {phaseSentence(connection)}.
    </p>
  )
}

function Missing() {
  const live = useLive()
  const missing = usePage(({ connection }) => connection.missing)
  if (missing === undefined) return null
  return (
    <p className="notice" data-tone="bad" role="alert">
      <span>{gapSentence(missing)}</span>
      <button type="button" onClick={() => live.gapRead()}>
        Understood
      </button>
    </p>
  )
}

function TokenEnds() {
  const live = useLive()
  const endsAt = usePage(({ connection }) => connection.tokenEndsAt)
  const seconds = useClock((now) => (endsAt === undefined ? 0 : Math.max(0, Math.ceil((endsAt - now) / 1_000))))
  const [token, setToken] = useState('')
  if (endsAt === undefined) return null
  const renew = (event: FormEvent) => {
    event.preventDefault()
    live.renew(token.trim())
    setToken('')
  }
  return (
    <form className="notice" data-tone="warn" onSubmit={renew}>
      <span>The token runs out in {seconds} s. With a new one of the same user the page goes on without a break:</span>
      <input
        aria-label="New token"
        value={token}
        onChange={({ target }) => setToken(target.value)}
        autoComplete="off"
        required
      />
      <button type="submit">Go on</button>
    </form>
  )
}
