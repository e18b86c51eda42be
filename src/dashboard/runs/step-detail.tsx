import { useEffect, useMemo, useState } from 'react'
import { amount, dollars } from '../../client/figures.ts'
import { sentence } from '../../client/sentence.ts'
import type { AurenEvent } from '../../events/event.ts'
import { toTimestamp } from '../../events/timestamp.ts'
import type { RunStep } from '../../protocol/runs.ts'
import { useLive, usePage } from '../live/use-live.ts'
import { clockTime } from '../ui/clock-time.ts'
import { DetailPane } from '../ui/detail-pane.tsx'
import { Fact } from '../ui/fact.tsx'
import { Loading } from '../ui/loading.tsx'
import { StepName } from './step-line.tsx'
import { StepTime } from './step-time.tsx'
import type { Shown } from './use-shown.ts'
import { waitWords } from './waiting.ts'

interface Props {
  readonly traceId: string
  readonly spanId: string
  readonly shown: Shown
  readonly waits: ReadonlyMap<string, readonly RunStep[]>
  readonly onClose: () => void
}

/** One step with everything that is known of it. */
export function StepDetail({ traceId, spanId, shown, waits, onClose }: Props) {
  // Undefined where it had not begun at the moment that is shown, or is not known.
  const step = shown.steps.get(spanId)
  const events = useEvents(traceId, spanId, shown.playback.at)
  return (
    <DetailPane what="step" json={step && { ...step, events }} onClose={onClose}>
      {step === undefined ? (
        <p className="none">
          {shown.playback.at === undefined ? 'This run has no such step.' : 'It has not begun yet.'}
        </p>
      ) : (
        <>
          <h2>
            <StepName step={step} />
          </h2>
          <Facts step={step} shown={shown} waits={waits.get(spanId)} events={events ?? []} />
          {events === undefined ? <Loading /> : <Events events={events} />}
        </>
      )}
    </DetailPane>
  )
}

/** Events of the run that are asked for where the page has none of the step. */
const askedEvents = 1_000

/** Those of the step up to the moment that is shown: what the page has, else what the stream has. Undefined while that is asked. */
function useEvents(traceId: string, spanId: string, at: number | undefined): readonly AurenEvent[] | undefined {
  const { api } = useLive()
  const rows = usePage(({ log }) => log.rows)
  const held = useMemo(
    () => rows.flatMap((row) => (row.kind === 'event' && isOf(row.event, traceId, spanId) ? [row.event] : [])),
    [rows, spanId, traceId],
  )
  const [asked, setAsked] = useState<readonly AurenEvent[]>()
  const isHeld = held.length > 0
  useEffect(() => {
    if (isHeld) return
    void api.events({ limit: askedEvents, trace: traceId }).then(
      ({ events }) => setAsked(events.filter((event) => isOf(event, traceId, spanId)).reverse()),
      () => setAsked([]),
    )
  }, [api, isHeld, spanId, traceId])
  const all = isHeld ? held : asked
  return at === undefined ? all : all?.filter(({ timestamp }) => timestamp <= toTimestamp(at))
}

function isOf({ span_id: span, trace_id: trace }: AurenEvent, traceId: string, spanId: string): boolean {
  return span === spanId && trace === traceId
}

interface FactsProps {
  readonly step: RunStep
  readonly shown: Shown
  readonly waits: readonly RunStep[] | undefined
  readonly events: readonly AurenEvent[]
}

function Facts({ step, shown, waits, events }: FactsProps) {
  const last = events.at(-1)
  const text = (name: string) => {
    const value = last?.payload[name]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
  }
  const [input, output, cached] = [text('input_tokens'), text('output_tokens'), text('cached_input_tokens')]
  return (
    <dl className="facts">
      <Fact name="is">{step.status === 'ok' ? 'done' : step.status === 'lost' ? 'never ended' : step.status}</Fact>
      {waits !== undefined && <Fact name="waits">{waitWords(waits)}</Fact>}
      {step.error_type !== undefined && (
        <Fact name="error" tone="bad">
          {[step.error_type, text('error_message')].filter(Boolean).join(': ')}
        </Fact>
      )}
      {step.agent !== null && <Fact name="agent">{step.agent}</Fact>}
      {step.kind === 'model' && <Fact name="model">{[step.name, text('provider')].filter(Boolean).join(', by ')}</Fact>}
      <Fact name="began">{clockTime(step.started_at)}</Fact>
      <Fact name="took">
        <StepTime step={step} goesOn={shown.goesOn} at={shown.playback.at} />
      </Fact>
      {step.tokens !== undefined && (
        <Fact name="tokens">
          {amount(step.tokens)}
          {input !== undefined &&
            output !== undefined &&
            ` (${input} → ${output}${cached === undefined ? '' : `, ${cached} cached`})`}
        </Fact>
      )}
      {step.cost !== undefined && <Fact name="cost">{dollars(step.cost)}</Fact>}
      <Fact name="span">
        <code>{step.span_id}</code>
      </Fact>
    </dl>
  )
}

function Events({ events }: { readonly events: readonly AurenEvent[] }) {
  if (events.length === 0)
    return (
      <p className="none">
        Its events are older than the newest {askedEvents.toLocaleString('en')} of the run, or gone.
      </p>
    )
  return (
    <>
      <h3>Events</h3>
      <ol className="run-events">
        {events.map((event) => (
          <li key={event.event_id}>
            <time dateTime={event.timestamp}>{clockTime(event.timestamp)}</time>{' '}
            <a href={`#/feed?event=${encodeURIComponent(event.event_id)}&of=${event.trace_id}`}>{sentence(event)}</a>
          </li>
        ))}
      </ol>
    </>
  )
}
