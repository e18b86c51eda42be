/** `note`: nothing is wrong, but something is missing, or could not be looked at. */
export type Verdict = 'ok' | 'note' | 'broken'

/** What was found out about one hop on the way of an event: from a library to a client. */
export interface Finding {
  readonly hop: 'library' | 'agent' | 'export' | 'stream' | 'gateway' | 'token' | 'probe'
  readonly verdict: Verdict
  /** One line: what is, and what to do when it is not well. */
  readonly text: string
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Milliseconds for anything that is asked over a network. */
export const timeoutMs = 5_000

/** The message of an error and of its cause, on one line. */
export function because(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const { code } = error as NodeJS.ErrnoException
  const message = (error.message || code || error.name).replaceAll(/\s+/g, ' ')
  return error.cause instanceof Error ? `${message}: ${because(error.cause)}` : message
}
