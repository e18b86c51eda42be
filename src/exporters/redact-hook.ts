import { createRequire } from 'node:module'
import { join } from 'node:path'
import { AurenError } from '../errors.ts'
import type { RedactText } from '../translate/redaction.ts'
import { warnOnce } from './warn.ts'

/**
 * Changes a text before it leaves the process. It gets every text of an event, without its secrets, but not the ids; `key` is
 * the name of the value that the text is or is inside of, such as `prompt`, `tool_name` or `span_name`. Synchronous. Where it
 * throws or returns no string the text is left out, never the event.
 */
export type RedactHook = (text: string, key: string) => string

export interface RedactOptions {
  readonly redact?: RedactHook
  /** Path of a module whose `redact` or default export is the hook. Default `AUREN_REDACT_MODULE`, else none. */
  readonly redactModule?: string
}

/** The hook, made safe. Throws AUREN_OPTIONS_INVALID when the module cannot be used. */
export function redactWith({ redact, redactModule }: RedactOptions): RedactText | undefined {
  const hook = redact ?? (redactModule ? hookIn(redactModule) : undefined)
  return hook && guarded(hook)
}

function hookIn(path: string): RedactHook {
  try {
    // Relative to where the process was started, as a variable of the environment is meant.
    const module = createRequire(join(process.cwd(), 'start'))(path) as { redact?: unknown; default?: unknown }
    const hook = module.redact ?? module.default ?? module
    if (typeof hook === 'function') return hook as RedactHook
  } catch (error) {
    throw new AurenError('AUREN_OPTIONS_INVALID', {
      detail: `the redact module ${path} cannot be loaded`,
      cause: error,
    })
  }
  throw new AurenError('AUREN_OPTIONS_INVALID', { detail: `the redact module ${path} exports no function redact` })
}

function guarded(hook: RedactHook): RedactText {
  const warn = warnOnce('The redact hook failed; texts for which it fails are left out')
  return (text, key) => {
    try {
      const kept: unknown = hook(text, key)
      if (typeof kept === 'string') return kept
      // An async hook cannot be waited for; its rejection must not end the process.
      if (kept instanceof Promise) kept.catch(() => undefined)
      throw new TypeError('it returned no string')
    } catch (error) {
      warn(error)
      return undefined
    }
  }
}
