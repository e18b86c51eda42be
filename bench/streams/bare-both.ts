import type { Bare } from './bare.ts'

/** Appends to both at once; read is the first. */
export function bareBoth(first: Bare, second: Bare): Bare {
  return {
    ...first,
    append: async (events) => void (await Promise.all([first.append(events), second.append(events)])),
    close: async () => void (await Promise.all([first.close(), second.close()])),
  }
}
