import { useEffect, useState } from 'react'
import { dollars, duration } from '../../client/figures.ts'
import { hasFailed, sentence } from '../../client/sentence.ts'
import type { AurenEvent } from '../../events/event.ts'
import { useLive } from '../live/use-live.ts'
import { setQuery } from '../shell/use-route.ts'
import type { Row } from '../state/event-log.ts'
import { eventIn, toRow } from '../state/event-log.ts'
import { AgentName } from '../ui/agent-name.tsx'
import { clockTime } from '../ui/clock-time.ts'
import { DetailPane } from '../ui/detail-pane.tsx'
import { Fact } from '../ui/fact.tsx'
import { Loading } from '../ui/loading.tsx'

interface Props {
  readonly id: string
  /** Of its run, where the address has it: it is looked for among the events of that when it is old. */
  readonly trace: string | undefined
  readonly rows: readonly Row[]
  readonly onClose: () => void
}

/** One event with everything that it says. */
export function EventDetail({ id, trace, rows, onClose }: Props) {
  const found = useEvent(id, trace, rows)
  const event = typeof found === 'object' ? found : undefined
  return (
    <DetailPane what="event" json={event} onClose={onClose}>
      {found === 'unknown' && (
        <p className="none">The stream no longer has this event, or this token may not see it.</p>
      )}
      {found === undefined && <Loading what="Asking the gateway for it" />}
      {event !== undefined && <Facts event={event} />}
    </DetailPane>
  )
}

/** From the rows where it is there; else the gateway is asked. */
function useEvent(id: string, trace: string | undefined, rows: readonly Row[]): AurenEvent | 'unknown' | undefined {
  const { api } = useLive()
  const [held] = useState(() => eventIn(rows, id))
  const [asked, setAsked] = useState<AurenEvent | 'unknown'>()
  useEffect(() => {
    if (held === undefined) void api.event(id, trace).then(setAsked, () => setAsked('unknown'))
  }, [api, held, id, trace])
  return held ?? asked
}

function Facts({ event }: { readonly event: AurenEvent }) {
  const { source_agent: agent, target_agent: target, trace_id: trace, span_id: span } = event
  const { latencyMs, cost } = toRow(0, event)
  return (
    <>
      <h2 data-tone={hasFailed(event) ? 'bad' : undefined}>
        {agent && <AgentName id={agent.id} role={agent.role} />} {sentence(event)}
      </h2>
      <dl className="facts">
        <Fact name="type">{event.event_type}</Fact>
        <Fact name="time">
          {clockTime(event.timestamp)} <span className="quiet">{event.timestamp.slice(0, 10)}</span>
        </Fact>
        {latencyMs !== undefined && <Fact name="took">{duration(latencyMs)}</Fact>}
        {cost !== undefined && <Fact name="cost">{dollars(cost)}</Fact>}
        {target && (
          <Fact name="target">
            <AgentName id={target.id} role={target.role} />
          </Fact>
        )}
        {trace !== null && (
          <Fact name="run">
            <a href={`#/runs?run=${trace}${span === null ? '' : `&step=${span}`}`}>{trace}</a>
          </Fact>
        )}
        <Narrow name="session" value={event.session_id} />
        <Narrow name="user" value={event.user_id} />
      </dl>
    </>
  )
}

/** A value by which the feed can be narrowed. */
function Narrow({ name, value }: { readonly name: 'session' | 'user'; readonly value: string | null }) {
  if (value === null) return null
  return (
    <Fact name={name}>
      {value}{' '}
      <button
        type="button"
        className="link"
        aria-label={`Only this ${name}`}
        onClick={() => setQuery({ [name]: value })}
      >
        only this
      </button>
    </Fact>
  )
}
