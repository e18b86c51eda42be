import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { AgentsSpans } from './agents-spans.ts'
import type { TracingContextStorage } from './agents-context.ts'
import { agentsContextStorage } from './agents-context.ts'

interface TraceProvider {
  registerProcessor(processor: unknown): void
  setProcessors(processors: readonly unknown[]): void
}

/** The public tracing functions of `@openai/agents-core`; older versions have no storage to set. */
interface AgentsCore {
  getGlobalTraceProvider(): TraceProvider
  setTracingContextStorage?(storage: TracingContextStorage): void
}

/**
 * The OpenAI Agents SDK has a tracing of its own. This adds a processor that makes OpenTelemetry spans of it while it runs,
 * beside the processors that are there. All copies of the SDK in a process share one provider.
 */
export class OpenAiAgentsInstrumentation extends InstrumentationBase {
  static readonly scope = 'auren-observability/instrumentation-openai-agents'
  static readonly #observed = new WeakSet<TraceProvider>()

  constructor() {
    super(OpenAiAgentsInstrumentation.scope, '', {})
  }

  protected override init() {
    return new InstrumentationNodeModuleDefinition('@openai/agents-core', ['>=0.1.0 <1.0.0'], (exports: AgentsCore) => {
      this.#observe(exports)
      return exports
    })
  }

  #observe(core: AgentsCore): void {
    const provider = core.getGlobalTraceProvider()
    if (OpenAiAgentsInstrumentation.#observed.has(provider)) return
    OpenAiAgentsInstrumentation.#observed.add(provider)
    const spans = new AgentsSpans(() => this.tracer)
    core.setTracingContextStorage?.(agentsContextStorage(spans))
    provider.registerProcessor(spans)
    // Setting processors takes the others out, as the SDK itself does while it loads. Ours stays, and stays the first: each
    // waits for the one before, and the call would have begun before its span.
    const setProcessors = provider.setProcessors.bind(provider)
    provider.setProcessors = (processors) => setProcessors([spans, ...processors])
  }
}
