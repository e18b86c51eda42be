import { prometheusAddress } from '../../instrumentation/start-options.ts'
import { because, timeoutMs } from './finding.ts'
import type { Finding } from './finding.ts'
import type { SeenSpans } from './libraries.ts'

export interface AgentProcess {
  readonly findings: readonly Finding[]
  readonly seen: SeenSpans
}

/** Asks the metrics page of an agent process what it has hooked, seen and written. It answers whatever is wrong with the stream. */
export async function checkAgentProcess(given: string | undefined): Promise<AgentProcess> {
  const url = given ?? defaultUrl()
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    const page = await response.text()
    const seen = samples(page, 'auren_source_spans_total', 'auren_source')
    if (!response.ok || seen.size === 0) return absent(`${url} is not the metrics page of an agent process`, given)
    return { findings: [tellExporter(url, page, seen)], seen }
  } catch (error) {
    return absent(`no agent process answers at ${url} (${because(error)})`, given)
  }
}

/** Only what was asked for by name must be there: an agent need not run for a look at the rest. */
function absent(what: string, given: string | undefined): AgentProcess {
  const advice =
    'start one with --import auren-observability/register, or give --metrics its URL; until then nobody knows what it sees'
  return {
    findings: [{ hop: 'agent', verdict: given === undefined ? 'note' : 'broken', text: `${what}; ${advice}` }],
    seen: undefined,
  }
}

function tellExporter(url: string, page: string, seen: ReadonlyMap<string, number>): Finding {
  const written = total(samples(page, 'auren_exporter_events_total'))
  const dropped = total(samples(page, 'auren_exporter_dropped_total', 'auren_drop_reason'))
  const waiting = total(samples(page, 'auren_exporter_queue_size')) + total(samples(page, 'auren_exporter_spool_size'))
  const state = [...samples(page, 'auren_exporter_state', 'auren_exporter_state')].find(([, value]) => value === 1)?.[0]
  const spans = total(seen)
  const facts = { url, spans, written, waiting, dropped, state }
  const finding = (verdict: Finding['verdict'], text: string): Finding => ({ hop: 'agent', verdict, text, facts })
  const counts = `${spans} spans seen, ${written} events written`
  if (state !== undefined && state !== 'writing')
    return finding('broken', `${url}: ${counts}, ${waiting} wait: its stream cannot be written; see its warnings`)
  if (dropped > 0)
    return finding('broken', `${url}: ${counts}, ${dropped} dropped; auren_exporter_dropped_total says why`)
  if (spans === 0) return finding('note', `${url}: no span seen yet; let the agent work once`)
  return finding('ok', `${url}: ${counts}`)
}

/** Values of one metric by the value of a label; all under one key without. */
function samples(page: string, metric: string, label?: string): Map<string, number> {
  const values = new Map<string, number>()
  for (const line of page.split('\n')) {
    if (!line.startsWith(`${metric} `) && !line.startsWith(`${metric}{`)) continue
    const key = label === undefined ? '' : (new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? '')
    values.set(key, (values.get(key) ?? 0) + Number(line.split(' ').at(-1)))
  }
  return values
}

function total(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((sum, value) => sum + value, 0)
}

function defaultUrl(): string {
  const address = prometheusAddress(undefined, { ...process.env, OTEL_METRICS_EXPORTER: undefined })
  const { host, port } = address === false ? { host: 'localhost', port: 9464 } : address
  return `http://${host}:${port}/metrics`
}
