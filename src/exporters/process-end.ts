import { warnNow } from './warn.ts'

/** Something that may have unfinished business when the process ends. */
export interface Unfinished {
  /** Resolves true when all of it is safe, false after the time. Immediately when there is none. */
  settle(timeoutMs: number): Promise<boolean>
  /** Makes it safe at once, without waiting, and returns how many events could not be. Called again when the process goes on. */
  keep(): number
}

/** Milliseconds that the end of a process may be put off. */
const endMs = 5_000

const signals: readonly Signal[] = ['SIGTERM', 'SIGINT']
type Signal = NodeJS.Signals

const unfinished = new Set<Unfinished>()

/**
 * Gives something the chance to finish before the process ends, however it does: when it has nothing left to do, by
 * `process.exit()`, by an exception or by SIGTERM or SIGINT. Exit code, signal and the application's own handlers stay
 * what they were. Returns a function that takes it out again.
 */
export function atProcessEnd(target: Unfinished): () => void {
  if (unfinished.size === 0) listen()
  unfinished.add(target)
  return () => {
    if (unfinished.delete(target) && unfinished.size === 0) unlisten()
  }
}

function listen(): void {
  process.on('beforeExit', onBeforeExit)
  // Comes after an uncaught exception, too.
  process.on('exit', keepOrSay)
  for (const signal of signals) process.prependListener(signal, onSignal)
}

function unlisten(): void {
  process.off('beforeExit', onBeforeExit)
  process.off('exit', keepOrSay)
  for (const signal of signals) process.off(signal, onSignal)
}

function keepAll(): number {
  return [...unfinished].reduce((lost, target) => lost + target.keep(), 0)
}

function keepOrSay(): void {
  const lost = keepAll()
  if (lost > 0) warnNow(`${lost} AUREN events were lost at the end of the process: neither stream nor disk took them`)
}

async function settleAll(): Promise<boolean> {
  const all = await Promise.all([...unfinished].map((target) => target.settle(endMs)))
  return !all.includes(false)
}

/** Node asks again after each wait: once the time was not enough it is not waited for again. */
let gaveUp = false

function onBeforeExit(): void {
  if (!gaveUp) void settleAll().then((done) => (gaveUp = !done))
}

/** Signals whose default is put off while we finish. */
const ending = new Set<Signal>()

function onSignal(signal: Signal): void {
  if (process.listenerCount(signal) > 1) return standAside(signal)
  // Who sends it twice means it.
  if (ending.has(signal)) return endBy(signal)
  ending.add(signal)
  void settleAll().then(() => endBy(signal))
}

/** What happens now is the application's affair: its handlers find themselves alone, as they would be without us. */
function standAside(signal: Signal): void {
  keepAll()
  process.off(signal, onSignal)
  setImmediate(() => {
    if (unfinished.size > 0 && !process.listeners(signal).includes(onSignal)) process.prependListener(signal, onSignal)
  }).unref()
}

/** Without a listener the signal does what it does by default; where that is nothing, as for process 1, we go on. */
function endBy(signal: Signal): void {
  ending.delete(signal)
  keepOrSay()
  process.off(signal, onSignal)
  process.kill(process.pid, signal)
  setImmediate(() => unfinished.size > 0 && process.prependListener(signal, onSignal)).unref()
}
