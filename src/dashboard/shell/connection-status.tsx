import { usePage } from '../live/use-live.ts'
import { useClock } from '../ui/clock.ts'
import { useRate } from './use-rate.ts'
import { phaseNames, phaseSentence } from './connection-words.ts'
import './connection-status.css'

/** How the page stands to the gateway, at all times. What changes often is not read aloud. */
export function ConnectionStatus() {
  const connection = usePage((state) => state.connection)
  const { phase } = connection
  return (
    <div className="connection" data-phase={phase} title={phaseSentence(connection)}>
      <span className="dot" aria-hidden="true" />
      <span aria-hidden="true">{phaseNames[phase]}</span>
      <span className="detail" aria-hidden="true">
        <Detail />
      </span>
      <span className="unseen" role="status">
        {phaseSentence({ ...connection, lag: 0 })}
      </span>
    </div>
  )
}

function Detail() {
  const phase = usePage(({ connection }) => connection.phase)
  const lag = usePage(({ connection }) => connection.lag)
  const rate = useRate()
  if (phase === 'lagging') return <>{lag.toLocaleString('en')} behind</>
  if (phase === 'reconnecting') return <SinceLost />
  return phase === 'live' ? <>{rate}</> : null
}

function SinceLost() {
  const since = usePage(({ connection }) => connection.since)
  const ahead = usePage(({ connection }) => connection.clockAheadMs)
  const seconds = useClock((now) => Math.max(0, Math.floor((now - ahead - since) / 1_000)))
  return <>for {seconds} s</>
}
