import type { SpanFacts } from '../span-facts.ts'
import type { SpanRecord } from '../span-record.ts'

/** What the facts of every span of the GenAI conventions have. Whose it is, the translator reads from spans of any kind. */
export function shared(span: SpanRecord): Pick<SpanFacts, 'dialect' | 'platform'> {
  return { dialect: 'gen_ai', platform: platformOf(span.scope) }
}

/** `@opentelemetry/instrumentation-openai` → `openai`; a scope that is no instrumentation keeps its name. */
function platformOf(scope: string): string {
  if (scope === 'auren-observability') return 'auren'
  return scope.replace(/^.*[/.]instrumentation[-.]/, '') || 'opentelemetry'
}
