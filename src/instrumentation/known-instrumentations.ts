import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Instrumentation } from '@opentelemetry/instrumentation'

export interface KnownInstrumentation {
  /** The package that instruments, and the export to construct. */
  readonly package: string
  readonly export: string
  /** The library it instruments. */
  readonly instruments: string
}

/** Optional packages that are used when the application has installed them. */
export const knownInstrumentations: readonly KnownInstrumentation[] = [
  { package: '@opentelemetry/instrumentation-openai', export: 'OpenAIInstrumentation', instruments: 'openai' },
  { package: '@opentelemetry/instrumentation-ioredis', export: 'IORedisInstrumentation', instruments: 'ioredis' },
  { package: '@opentelemetry/instrumentation-redis', export: 'RedisInstrumentation', instruments: 'redis' },
  { package: '@opentelemetry/instrumentation-pg', export: 'PgInstrumentation', instruments: 'pg' },
]

type Constructors = Readonly<Record<string, (new () => Instrumentation) | undefined>>

/** Those of the list that can be loaded from `folder`, the application's. One that is missing or broken is left out. */
export function installedInstrumentations(folder: string = process.cwd()): Instrumentation[] {
  const fromApplication = createRequire(join(folder, 'package.json'))
  return knownInstrumentations.flatMap((known) => {
    try {
      const Constructor = (fromApplication(known.package) as Constructors)[known.export]
      return Constructor ? [new Constructor()] : []
    } catch {
      return []
    }
  })
}
