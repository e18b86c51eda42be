import type { Instrumentation } from '@opentelemetry/instrumentation'

/** The parts of OpenInference's tracer that a start needs (4.1; not public). */
interface Tracer {
  readonly name?: string
  readonly runs: Readonly<Record<string, { readonly span: { setAttributes(attributes: object): unknown } }>>
  startTracing: (this: Tracer, run: Run) => Promise<void>
}

interface Run {
  readonly id: string
  readonly extra?: { readonly metadata?: Readonly<Record<string, unknown>> }
}

type Configure = (handlers: unknown, ...rest: unknown[]) => unknown
type Wrap = (holder: object, name: string, wrapper: (original: Configure) => Configure) => unknown

const observed = new WeakSet<Tracer>()

/**
 * OpenInference says at the end of a LangChain run whose it was: agent, thread, model and provider stand in its metadata, which
 * LangChain knows at the start. This puts the metadata on the span when it starts, so that agents are seen to begin.
 */
export function tellLangChainStarts(instrumentation: Instrumentation): Instrumentation {
  const host = instrumentation as Instrumentation & { _wrap: Wrap }
  const wrap = host._wrap
  host._wrap = (holder, name, wrapper) =>
    wrap(holder, name, (original) =>
      wrapper(function (this: unknown, handlers, ...rest) {
        observe(handlers)
        return original.call(this, handlers, ...rest)
      }),
    )
  return instrumentation
}

/** The tracer is among the handlers that the instrumentation passes on; its class is reached through it only. */
function observe(handlers: unknown): void {
  const tracers = (
    Array.isArray(handlers) ? handlers : (handlers as { inheritableHandlers?: unknown[] })?.inheritableHandlers
  ) as readonly (Tracer | undefined)[] | undefined
  const tracer = tracers?.find((handler) => handler?.name === 'OpenInferenceLangChainTracer')
  const prototype = tracer && (Object.getPrototypeOf(tracer) as Tracer)
  if (prototype === undefined || observed.has(prototype)) return
  observed.add(prototype)
  const { startTracing } = prototype
  prototype.startTracing = function (run) {
    const started = startTracing.call(this, run)
    this.runs[run.id]?.span.setAttributes(startAttributes(run))
    return started
  }
}

function startAttributes({ extra: { metadata = {} } = {} }: Run): object {
  try {
    const session = metadata['session_id'] ?? metadata['thread_id'] ?? metadata['conversation_id']
    return { metadata: JSON.stringify(metadata), ...(typeof session === 'string' ? { 'session.id': session } : {}) }
  } catch {
    return {}
  }
}
