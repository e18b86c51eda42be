import { InstrumentationBase } from '@opentelemetry/instrumentation'
import { warn } from '../../exporters/warn.ts'

/** A telemetry integration of the AI SDK 7: methods that it calls, each optional. */
type Integration = Readonly<Record<PropertyKey, unknown>>
type OpenTelemetryIntegration = new (options: {
  readonly usage: boolean
  readonly agentSpanName: (call: { readonly functionId: string | undefined }) => string
}) => Integration

/** Names of the classes of `@ai-sdk/otel`. */
const otelIntegrations = ['OpenTelemetry', 'LegacyOpenTelemetry']

/**
 * The AI SDK 7 reports to the integrations in a global list, a public part of it (`registerTelemetry`). This puts the
 * OpenTelemetry integration of `@ai-sdk/otel` there, and takes it out when the application registers one itself, so that no
 * call is seen twice. The package is loaded with the first call: it imports the whole SDK.
 */
export class AiTelemetryInstrumentation extends InstrumentationBase {
  constructor(load: () => unknown) {
    super('auren-observability/instrumentation-ai', '', {})
    const ours = lazyIntegration(load)
    const list = ((globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: Integration[] }).AI_SDK_TELEMETRY_INTEGRATIONS ??=
      [])
    list.push(ours)
    list.push = (...added) => {
      if (added.some(isOtel)) list.splice(0, list.length, ...list.filter((each) => each !== ours))
      return Array.prototype.push.apply(list, added)
    }
  }

  protected override init() {
    return []
  }
}

function isOtel(integration: Integration): boolean {
  return otelIntegrations.includes(integration.constructor.name)
}

function lazyIntegration(load: () => unknown): Integration {
  let loaded: Integration | undefined
  const integration = () => {
    try {
      const { OpenTelemetry } = load() as { OpenTelemetry: OpenTelemetryIntegration }
      // Without a function id the default names the span after the model, which is then taken for the agent.
      const agentSpanName = ({ functionId }: { readonly functionId: string | undefined }) =>
        functionId === undefined ? 'invoke_agent' : `invoke_agent ${functionId}`
      return new OpenTelemetry({ usage: true, agentSpanName })
    } catch (error) {
      warn('@ai-sdk/otel cannot be used: calls of the AI SDK are not seen', error)
      return {}
    }
  }
  return new Proxy<Integration>(
    {},
    {
      get: (_, key) => {
        loaded ??= integration()
        const member = loaded[key]
        return typeof member === 'function' ? (member.bind(loaded) as unknown) : member
      },
    },
  )
}
