import { context, createContextKey } from '@opentelemetry/api'
import type { Context } from '@opentelemetry/api'

const insideRun = createContextKey('auren: inside a run')

let flush: (() => Promise<void>) | undefined

/** Sets what the end of each outermost run waits for; undefined: nothing. */
export function flushEachRun(work: (() => Promise<void>) | undefined): void {
  flush = work
}

/** The context for a run that begins now, and what to wait for when it has ended. */
export function beginRun(): { readonly parent: Context; readonly ended: () => Promise<void> | undefined } {
  const active = context.active()
  const isInner = active.getValue(insideRun) === true
  return { parent: active.setValue(insideRun, true), ended: () => (isInner ? undefined : flush?.()) }
}
