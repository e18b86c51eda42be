import { useEffect, useState } from 'react'
import { useLive, usePage } from '../live/use-live.ts'
import { phaseSentence } from '../shell/connection-words.ts'
import type { Connection } from '../state/connection.ts'
import { Loading } from './loading.tsx'
import { Snippet } from './snippet.tsx'

/** Why a view is empty, and what brings events here. */
export function NothingYet() {
  const connection = usePage((state) => state.connection)
  const hasEvents = usePage(({ log }) => log.next > 0)
  if (connection.phase === 'connecting' || connection.phase === 'catching_up')
    return <Loading what="Reading what happened" />
  const origin = location.origin
  return (
    <section className="panel empty">
      <h1>{hasEvents ? 'No agents yet' : 'No events yet'}</h1>
      <p>{hasEvents ? 'None of the events in the feed is of an agent at work.' : whyEmpty(connection)}</p>
      <DemoButton />
      <h2>Any language, over OTLP</h2>
      <Snippet text={`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${origin}/v1/traces python agent.py`} />
      <h2>Node, without touching the code</h2>
      <Snippet
        text={
          'npm install auren-observability @opentelemetry/api\nAUREN_STREAM_URL=<the stream of this gateway> node --import auren-observability/register agent.js'
        }
      />
      <p>
        Still nothing? <code>npx auren doctor</code> says which hop it is.
      </p>
    </section>
  )
}

/** Where the gateway allows it: a crew of five specialists, at work for a minute. */
function DemoButton() {
  const { api } = useLive()
  const [state, setState] = useState<'none' | 'offered' | 'started' | 'refused'>('none')
  useEffect(() => {
    void api.offersDemo().then(
      (offered) => setState(offered ? 'offered' : 'none'),
      () => undefined,
    )
  }, [api])
  const start = () => {
    setState('started')
    api.startDemo().catch(() => setState('refused'))
  }
  if (state === 'none') return null
  return (
    <p role="status">
      {state === 'offered' && (
        <button type="button" className="primary" onClick={start}>
          Show me a demo
        </button>
      )}
      {state === 'started' && 'A crew is getting to work…'}
      {state === 'refused' && 'The gateway could not start the demo.'}
    </p>
  )
}

/** What the gateway told of its stream and of this token. */
function whyEmpty(connection: Connection): string {
  const { welcome, phase } = connection
  if (phase === 'reconnecting' || welcome === undefined) return `${phaseSentence(connection)}.`
  if (welcome.retention !== null && welcome.retention.first !== welcome.position) {
    return `The stream has events, but none that this token may see: it is ${welcome.user_id}’s, and shows events of that user and tenant unless it has the permission “all”.`
  }
  return 'The gateway is ready and its stream is empty: no agent has written to it.'
}
