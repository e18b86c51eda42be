import type { Instrumentation } from '@opentelemetry/instrumentation'
import { warn } from '../exporters/warn.ts'
import type { ApplicationPackages } from './application-packages.ts'
import type { KnownInstrumentation } from './known-instrumentations.ts'
import { surveyLibraries } from './library-survey.ts'
import type { LibraryVerdict } from './library-survey.ts'

export interface InstalledInstrumentation {
  readonly known: KnownInstrumentation
  readonly instrumentation: Instrumentation
}

/** The instrumentations to use for an application, made but not registered. A broken one is one warning. */
export function installedInstrumentations(
  packages: ApplicationPackages,
  env: Readonly<Record<string, string | undefined>>,
): InstalledInstrumentation[] {
  return surveyLibraries(packages, env).flatMap((verdict) => {
    const known = verdict.instrumentation
    if (known === undefined) return []
    try {
      const load = () => (known.package === undefined ? {} : packages.load(known.package))
      return [{ known, instrumentation: known.create(load) }]
    } catch (error) {
      if (!lacksItsLibrary(error, verdict)) warn(`${known.package ?? known.scope} cannot be used`, error)
      return []
    }
  })
}

/** Some instrumentations import their library; where that is not installed there is nothing to observe, and nothing wrong. */
function lacksItsLibrary(error: unknown, { version }: LibraryVerdict): boolean {
  return version === undefined && (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
}
