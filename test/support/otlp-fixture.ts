import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { readSpans } from '../../src/gateway/otlp/otlp-spans.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'

const folder = join(import.meta.dirname, '../fixtures/otlp')

/** Names of all recorded runs, as `library/case`. */
export function recordings(): string[] {
  const truths = globSync('*/*.expect.md', { cwd: folder }).toSorted()
  return truths.map((file) => join(dirname(file), basename(file, '.expect.md')))
}

/** Spans that a real library exported in one run, request by request in order of arrival. */
export function recordedRequests(name: string): (readonly SpanRecord[])[] {
  const posts = join(folder, `${name}.posts.jsonl`)
  const single = join(folder, `${name}.json`)
  if (existsSync(posts)) return readFileSync(posts, 'utf8').trim().split('\n').map(spansOf)
  return existsSync(single) ? [spansOf(readFileSync(single, 'utf8'))] : []
}

/** All spans of one run. */
export function recordedSpans(name: string): readonly SpanRecord[] {
  return recordedRequests(name).flat()
}

function spansOf(body: string): readonly SpanRecord[] {
  return readSpans(JSON.parse(body)).spans
}

export interface ServedCall {
  readonly agent: string | null
  readonly model: string
  readonly response_model: string
  readonly response_id: string
  readonly stream: boolean
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_tokens: number
  readonly cache_creation_tokens?: number
  readonly reasoning_tokens: number
  readonly finish: string
}

/** What truly happened in a recorded run, from the provider's and the application's own notes. */
export interface Truth {
  readonly agents: readonly string[]
  readonly llm_calls: number
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_tokens: number
  readonly cache_creation_tokens: number
  readonly reasoning_tokens: number
  /** HTTP statuses of refused calls. */
  readonly llm_errors: readonly number[]
  readonly embedding_calls: number
  readonly embedding_tokens: number
  readonly tools: readonly { readonly name: string; readonly agent: string | null; readonly ok: boolean }[]
  readonly handoffs: readonly { readonly from: string; readonly to: string }[]
  readonly memory: readonly { readonly op: string; readonly hit: boolean | string | null }[]
  readonly calls: readonly ServedCall[]
}

export function truthOf(name: string): Truth {
  const json = /```json\n([^`]+)\n```\s*$/.exec(readFileSync(join(folder, `${name}.expect.md`), 'utf8'))?.[1]
  if (json === undefined) throw new Error(`${name}.expect.md does not end with the truth as JSON`)
  return JSON.parse(json) as Truth
}
