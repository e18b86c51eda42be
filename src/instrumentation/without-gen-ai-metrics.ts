import { createNoopMeter } from '@opentelemetry/api'
import type { Meter, MeterProvider } from '@opentelemetry/api'

const nowhere = createNoopMeter()

/**
 * A meter provider for instrumentations: what they record as `gen_ai.*` goes nowhere, since the same instruments are
 * recorded from events and would be counted twice. Their other metrics go where they always went.
 */
export function withoutGenAiMetrics(provider: MeterProvider): MeterProvider {
  return { getMeter: (...scope) => withoutGenAi(provider.getMeter(...scope)) }
}

function withoutGenAi(meter: Meter): Meter {
  return new Proxy(meter, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]): unknown => {
        const isCounted = String(key).startsWith('create') && String(args[0]).startsWith('gen_ai.')
        const to = isCounted ? nowhere : target
        return Reflect.apply(Reflect.get(to, key) as () => unknown, to, args)
      }
    },
  })
}
