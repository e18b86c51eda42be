import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation'
import { isContentCaptured } from '../content-capture.ts'

/** Functions that take `experimental_telemetry` in their only argument. */
const operations = ['generateText', 'streamText', 'generateObject', 'streamObject', 'embed', 'embedMany', 'rerank']
/** Classes that pass theirs on to these functions, and have an id. */
const agents = ['ToolLoopAgent', 'Experimental_Agent']

interface Settings {
  readonly id?: string
  readonly experimental_telemetry?: object
}
type Exports = Record<string, unknown>
type Operation = (settings: Settings) => unknown
type AgentClass = new (settings: Settings) => object

/**
 * The AI SDK 5 and 6 make spans only for calls with `experimental_telemetry`: this gives it to every call, and leaves what the
 * application sets itself as it is. Prompts and answers are recorded only when content is captured.
 */
export class AiSdkInstrumentation extends InstrumentationBase {
  constructor() {
    super('auren-observability/instrumentation-ai', '', {})
  }

  protected override init() {
    return new InstrumentationNodeModuleDefinition('ai', ['>=5.0.0 <7.0.0'], withTelemetry)
  }
}

/** The exports of a CommonJS module are getters that cannot be set: they get a copy. Those of an ES module are set. */
function withTelemetry(exports: Exports): Exports {
  const patched: Exports = {}
  for (const name of operations) if (name in exports) patched[name] = observedFunction(exports[name] as Operation)
  for (const name of agents) if (name in exports) patched[name] = observedClass(exports[name] as AgentClass)
  if (Object.prototype.toString.call(exports) !== '[object Module]') return { ...exports, ...patched }
  return Object.assign(exports, patched)
}

function observedFunction(original: Operation): Operation {
  return new Proxy(original, {
    apply: (target, self, [settings]: [Settings]): unknown => Reflect.apply(target, self, [observed(settings)]),
  })
}

function observedClass(original: AgentClass): AgentClass {
  return new Proxy(original, {
    construct: (target, [settings]: [Settings], newTarget) =>
      Reflect.construct(target, [observed(settings)], newTarget) as object,
  })
}

function observed(settings: Settings): Settings {
  if (typeof settings !== 'object' || settings === null) return settings
  const recorded = isContentCaptured()
  const defaults = {
    isEnabled: true,
    recordInputs: recorded,
    recordOutputs: recorded,
    ...(settings.id === undefined ? {} : { functionId: settings.id }),
  }
  return { ...settings, experimental_telemetry: { ...defaults, ...settings.experimental_telemetry } }
}
