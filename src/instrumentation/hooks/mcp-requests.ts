import { context, trace } from '@opentelemetry/api'
import type { Context, SpanOptions, Tracer } from '@opentelemetry/api'
import type { Instrumentation } from '@opentelemetry/instrumentation'

/**
 * OpenLLMetry hangs each request of an MCP client below the client's connection, which is opened once and for all agents. This
 * hangs it below what makes the request, as any other step; where that has no span it stays where it was.
 */
export function underTheCaller(instrumentation: Instrumentation): Instrumentation {
  const host = instrumentation as Instrumentation & { readonly _tracer: Tracer }
  const startSpan = (name: string, options?: SpanOptions, parent?: Context) =>
    host._tracer.startSpan(name, options, trace.getActiveSpan() === undefined ? parent : context.active())
  return Object.defineProperty(host, 'tracer', { value: { startSpan } })
}
