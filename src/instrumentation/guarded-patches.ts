import type { Instrumentation } from '@opentelemetry/instrumentation'
import { warn } from '../exporters/warn.ts'

/** What an instrumentation does to a module; the same from the 0.46 line to the 0.301 line, though not public. */
interface Patcher extends Instrumentation {
  _onRequire?: (definition: unknown, exports: unknown, name: string, ...rest: unknown[]) => unknown
}

/**
 * An instrumentation that does not fit its library would throw in the middle of the library's import, and the agent would not
 * start. The library is left as it is instead, with one warning.
 */
export function guardPatches(instrumentation: Instrumentation): void {
  const patcher: Patcher = instrumentation
  const patch = patcher._onRequire?.bind(patcher)
  let hasWarned = false
  if (patch === undefined) return
  patcher._onRequire = (definition, exports, name, ...rest) => {
    try {
      return patch(definition, exports, name, ...rest)
    } catch (error) {
      if (!hasWarned) warn(`${name} cannot be observed by ${patcher.instrumentationName}`, error)
      hasWarned = true
      return exports
    }
  }
}
