import { register as registerAsync } from 'node:module'
import { sep } from 'node:path'
import { Hook } from 'import-in-the-middle'
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs'
import type { Instrumentation } from '@opentelemetry/instrumentation'
import type { InstalledInstrumentation } from './installed-instrumentations.ts'

/** The parts of an instrumentation that patch a module; the same from the 0.46 line to the 0.301 line, though not public. */
interface Patcher extends Instrumentation {
  readonly _modules?: readonly ModuleDefinition[]
  _onRequire?(definition: ModuleDefinition, exports: unknown, name: string, baseDir?: string | void): unknown
  manuallyInstrument?(exports: unknown): void
}

interface ModuleDefinition {
  readonly name: string
  readonly moduleExports?: unknown
}

/**
 * Lets instrumentations patch ES modules; CommonJS needs nothing. Only the libraries that are instrumented are looked into, in
 * this thread where Node can do it: a hook on every module, in another thread, would slow down every import.
 */
export function hookEsModules(installed: readonly InstalledInstrumentation[]): void {
  const include = installed.flatMap(({ known, instrumentation }) => [
    ...definitionsOf(instrumentation).map(({ name }) => name),
    ...(known.esModuleFile === undefined ? [] : [endingIn(known.esModuleFile)]),
  ])
  if (include.length === 0) return
  for (const { known, instrumentation } of installed) {
    for (const definition of definitionsOf(instrumentation)) bridge(instrumentation, definition)
    if (known.esModuleFile !== undefined) patchByHand(instrumentation, known.esModuleFile)
  }
  if (supportsSyncHooks()) register({ include })
  else registerAsync('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } })
}

/**
 * An instrumentation hears of ES modules from its own copy of import-in-the-middle, and an application has many: each release
 * line of OpenTelemetry brings another. A module is reported to one copy only, ours, so it is passed on.
 */
function bridge(instrumentation: Patcher, definition: ModuleDefinition): void {
  new Hook([definition.name], (exports, name, baseDir) => {
    const hasHeard = definition.moduleExports === exports
    return hasHeard ? undefined : instrumentation._onRequire?.(definition, exports, name, baseDir)
  })
}

function patchByHand(instrumentation: Patcher, file: string): void {
  const library = file.split('/', file.startsWith('@') ? 2 : 1).join('/')
  new Hook([library], { internals: true }, (exports, name) => {
    if (name.replaceAll(sep, '/') === file) instrumentation.manuallyInstrument?.(exports)
  })
}

function definitionsOf(instrumentation: Patcher): readonly ModuleDefinition[] {
  return instrumentation._modules ?? []
}

function endingIn(path: string): RegExp {
  return new RegExp(`/${path.replaceAll('.', '\\.')}$`)
}
