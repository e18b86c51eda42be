import { structured, text } from '../attributes.ts'
import type { SpanFacts } from '../span-facts.ts'
import type { Attributes, SpanRecord } from '../span-record.ts'

/** What OpenInference writes in place of a value that its user hides. */
export const hidden = '__REDACTED__'

/** What the facts of every OpenInference span have. */
export function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform' | 'sessionId' | 'userId'> {
  return {
    dialect: 'openinference',
    platform: span.scope.replace(/^.*instrumentation[-.]/, ''),
    sessionId: text(span.attributes, 'session.id'),
    userId: text(span.attributes, 'user.id'),
  }
}

/** A value that its user does not hide. */
export function shown(a: Attributes, key: string): unknown {
  const value = structured(a, key)
  return value === hidden ? undefined : value
}
