import type { ApplicationPackages } from './application-packages.ts'
import { knownLibraries } from './known-instrumentations.ts'
import type { KnownInstrumentation, KnownLibrary } from './known-instrumentations.ts'

/** What becomes of one library in an application. */
export interface LibraryVerdict {
  readonly library: KnownLibrary
  /** Version the application has; absent: not found in its folder, although a package below may bring one. */
  readonly version?: string
  /** What observes it. */
  readonly instrumentation?: KnownInstrumentation
  /** Scope in which its spans will come, its own included. */
  readonly scope?: string
  /** Why nothing observes it, and what to do. */
  readonly reason?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Which known libraries and instrumentations an application has installed, and what is to be used. Looks only at package.json
 * files: nothing is loaded. `OTEL_NODE_ENABLED_INSTRUMENTATIONS` and `OTEL_NODE_DISABLED_INSTRUMENTATIONS` hold names such as
 * `openai`, or whole package names.
 */
export function surveyLibraries(packages: ApplicationPackages, env: Environment): LibraryVerdict[] {
  const installed = (name: string) => packages.versionOf(name)
  const isOn = switches(env)
  const verdicts = new Map<string, LibraryVerdict>()
  for (const library of knownLibraries) verdicts.set(library.name, verdictOn(library, installed, isOn))
  return [...verdicts.values()].map((verdict) => {
    const { library, version, instrumentation } = verdict
    const shown = instrumentation && shownThrough(library, installed, verdicts)
    if (shown === undefined || isOn(library, instrumentation) === 'named') return verdict
    return { library, ...(version === undefined ? {} : { version }), reason: `its calls are shown through ${shown}` }
  })
}

type VersionOf = (name: string) => string | undefined
/** `named`: the user asks for it by name. */
type Switch = (library: KnownLibrary, known?: KnownInstrumentation) => 'named' | 'on' | 'off'

function verdictOn(library: KnownLibrary, versionOf: VersionOf, isOn: Switch): LibraryVerdict {
  const version = versionOf(library.name)
  const found = { library, ...(version === undefined ? {} : { version }) }
  if (library.ownSpans && version !== undefined && isAtLeast(version, library.ownSpans.since))
    return { ...found, scope: library.ownSpans.scope }
  if (library.leftTo !== undefined && versionOf(library.leftTo) !== undefined && isOn(library) !== 'named')
    return { ...found, reason: `left to ${library.leftTo}, with which the application observes it` }
  const usable = library.instrumentations.filter((known) => fits(known, version))
  const installed = usable.filter((known) =>
    known.package === undefined ? version !== undefined : versionOf(known.package) !== undefined,
  )
  const instrumentation = installed.find((known) => isOn(library, known) !== 'off')
  if (instrumentation) return { ...found, instrumentation, scope: instrumentation.scope }
  if (installed.length > 0) return { ...found, reason: 'switched off by OTEL_NODE_…_INSTRUMENTATIONS' }
  return { ...found, reason: library.hint ?? installHint(usable, library, version) }
}

function installHint(
  usable: readonly KnownInstrumentation[],
  library: KnownLibrary,
  version: string | undefined,
): string {
  const names = usable.flatMap(({ package: name }) => name ?? [])
  if (names.length > 0) return `install ${names.join(' or ')}`
  return `nothing is known that observes ${library.name}${version === undefined ? '' : ` ${version}`}`
}

function fits({ majors }: KnownInstrumentation, version: string | undefined): boolean {
  if (majors === undefined || version === undefined) return true
  const major = Number(version.split('.')[0])
  return major >= majors[0] && major <= majors[1]
}

/** The framework whose spans show this library's calls, when that framework is observed. */
function shownThrough(
  library: KnownLibrary,
  versionOf: VersionOf,
  verdicts: ReadonlyMap<string, LibraryVerdict>,
): string | undefined {
  return Object.entries(library.shownBy ?? {}).find(
    ([bridge, framework]) => versionOf(bridge) !== undefined && verdicts.get(framework)?.instrumentation !== undefined,
  )?.[0]
}

function switches(env: Environment): Switch {
  const enabled = names(env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'])
  const disabled = names(env['OTEL_NODE_DISABLED_INSTRUMENTATIONS'])
  return (library, known) => {
    const own = [library.name, known?.scope, known?.package, known?.scope.replace(/^.*instrumentation-/, '')]
    const isIn = (list: readonly string[]) => own.some((name) => name !== undefined && list.includes(name))
    if (isIn(disabled)) return 'off'
    if (enabled.length === 0) return 'on'
    return isIn(enabled) ? 'named' : 'off'
  }
}

function names(list: string | undefined): string[] {
  return (list ?? '').split(',').flatMap((name) => name.trim() || [])
}

function isAtLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split(/[.-]/, 3).map(Number))
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
