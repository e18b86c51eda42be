import { duration } from '../../client/figures.ts'
import type { Readiness } from '../live/gateway-api.ts'
import { usePage } from '../live/use-live.ts'
import { clockTime } from '../ui/clock-time.ts'
import { Fact } from '../ui/fact.tsx'
import { useReadiness } from './use-readiness.ts'

/** What the gateway says of itself, and what it granted to this page. */
export function GatewayFacts() {
  const readiness = useReadiness()
  const summary = usePage((state) => state.summary)
  const welcome = usePage(({ connection }) => connection.welcome)
  const keeps = welcome?.retention?.max_events
  const allowed = welcome?.limits.max_events_per_minute
  return (
    <section className="panel pipeline-facts" aria-labelledby="pipeline-gateway">
      <h2 id="pipeline-gateway">
        The gateway <ReadinessBadge readiness={readiness} />
      </h2>
      {readiness?.reason !== undefined && <p data-tone="bad">{readiness.reason}</p>}
      <dl className="figures">
        <Fact name="clients">{summary?.system.active_connections.toLocaleString('en') ?? '–'}</Fact>
        <Fact name="up for">{summary === undefined ? '–' : duration(summary.system.uptime_seconds * 1_000)}</Fact>
        <Fact name="stream keeps">{typeof keeps === 'number' ? `${keeps.toLocaleString('en')} events` : 'by age'}</Fact>
        <Fact name="order">{welcome?.ordering === 'partition' ? 'in each partition' : 'total'}</Fact>
        <Fact name="this token sees">
          {typeof allowed === 'number' ? `${allowed.toLocaleString('en')} events/min` : 'all it may'}
        </Fact>
        <Fact name="signed in as">{welcome?.user_id ?? '–'}</Fact>
        <Fact name="as of">{summary === undefined ? '–' : clockTime(summary.timestamp).slice(0, 8)}</Fact>
      </dl>
    </section>
  )
}

const words: Readonly<Record<Readiness['status'], readonly [string, string]>> = {
  ready: ['Ready', 'ok'],
  unready: ['Not ready', 'bad'],
  unreachable: ['No answer', 'bad'],
}

function ReadinessBadge({ readiness }: { readonly readiness: Readiness | undefined }) {
  const [text, tone] = readiness === undefined ? ['asking', 'quiet'] : words[readiness.status]
  return (
    <span className="badge" data-tone={tone}>
      {text}
    </span>
  )
}
