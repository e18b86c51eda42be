import { readFileSync } from 'node:fs'
import { readSpans } from '../../src/gateway/otlp/otlp-spans.ts'
import type { SpanRecord } from '../../src/translate/span-record.ts'

/** Spans that a real library exported, from the recording of one run in test/fixtures/otlp. */
export function recordedSpans(name: string): readonly SpanRecord[] {
  const file = new URL(`../fixtures/otlp/${name}.json`, import.meta.url)
  return readSpans(JSON.parse(readFileSync(file, 'utf8'))).spans
}
