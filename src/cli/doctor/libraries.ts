import { ApplicationPackages } from '../../instrumentation/application-packages.ts'
import { surveyLibraries } from '../../instrumentation/library-survey.ts'
import type { LibraryVerdict } from '../../instrumentation/library-survey.ts'
import { because } from './finding.ts'
import type { Finding } from './finding.ts'

/** Spans by scope as the agent process counts them; undefined when none could be asked. */
export type SeenSpans = ReadonlyMap<string, number> | undefined

/** One finding for each known library that the application in `folder` has. */
export function checkLibraries(folder: string, seen: SeenSpans): Finding[] {
  const packages = new ApplicationPackages([folder])
  const found = surveyLibraries(packages, process.env).filter(({ version }) => version !== undefined)
  if (found.length > 0) return found.map((verdict) => checkLibrary(verdict, packages, seen))
  const text = `no library that is known is installed in ${folder}; start this in the folder of the application, or give --folder`
  return [{ hop: 'library', verdict: 'note', text }]
}

function checkLibrary(found: LibraryVerdict, packages: ApplicationPackages, seen: SeenSpans): Finding {
  const { library, version, instrumentation, scope, reason } = found
  const name = `${library.name} ${version}`
  const facts = { library: library.name, version, instrumentation: instrumentation?.package, scope }
  const finding = (verdict: Finding['verdict'], text: string, more: object = {}): Finding => ({
    hop: 'library',
    verdict,
    text: `${name}: ${text}`,
    facts: { ...facts, ...more },
  })
  if (scope === undefined) return finding('note', `not hooked: ${reason}`, { reason })
  const fault = instrumentation?.package && loadFault(packages, instrumentation.package)
  if (fault) return finding('broken', `${instrumentation.package} cannot be loaded (${fault}); install it anew`)
  const by =
    instrumentation === undefined ? 'makes spans of its own' : `hooked by ${instrumentation.package ?? 'AUREN'}`
  if (seen === undefined) return finding('ok', by)
  const spans = seen.get(scope)
  if (spans !== undefined && spans > 0) return finding('ok', `${by}, ${spans} spans seen`, { spans })
  if (spans === 0 || instrumentation === undefined) return finding('note', `${by}, no span seen yet`, { spans: 0 })
  const advice = 'is it started in this folder with --import auren-observability/register, and as new as this?'
  return finding('note', `${by} here, but not in the agent process: ${advice}`)
}

function loadFault(packages: ApplicationPackages, name: string): string | undefined {
  try {
    packages.load(name)
    return undefined
  } catch (error) {
    return because(error)
  }
}
