import { AurenError } from '../errors.ts'

/**
 * Says something on stderr once, the way Node says it: one line, never an exception. Applications may listen with
 * `process.on('warning')` and look for the name `AurenWarning`.
 */
export function warn(message: string, cause?: unknown): void {
  process.emitWarning(cause === undefined ? message : `${message}: ${describe(cause)}`, { type: 'AurenWarning' })
}

/** As {@link warn}, for the moment in which the process ends and Node would not come to say it any more. */
export function warnNow(message: string): void {
  if (!process.execArgv.includes('--no-warnings'))
    process.stderr.write(`(auren:${process.pid}) AurenWarning: ${message}\n`)
}

/** As {@link warn}, for what may happen on every span: said the first time only. */
export function warnOnce(message: string): (cause: unknown) => void {
  let warned = false
  return (cause) => {
    if (warned) return
    warned = true
    warn(message, cause)
  }
}

/** The message of an error and of its cause; our own never hold a secret, a driver's only an address. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error instanceof AurenError && error.code === 'AUREN_APPEND_FAILED') return describe(error.cause)
  const cause = error instanceof AurenError && error.cause instanceof Error ? `: ${error.cause.message}` : ''
  return `${error.message}${cause}`
}
