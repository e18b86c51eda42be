import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves when the condition holds; fails by name after the time. */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 30_000,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value) return value as Exclude<T, undefined | null | false | 0 | ''>
    if (performance.now() > deadline) throw new Error(`It never happened within ${timeoutMs} ms: ${what}`)
    await sleep(10)
  }
}
