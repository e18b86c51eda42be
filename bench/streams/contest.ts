import { count } from './measure.ts'
import type { Cost, Measured } from './measure.ts'

export interface Contender {
  readonly name: string
  readonly ours: () => Promise<Measured>
  readonly bare: () => Promise<Measured>
}

export const rounds = 3

export const tableHead = [
  '|              | append, events/s | CPU, µs an event | tail, events/s  | CPU, µs an event | wake-up, ms p50 / p99 |',
  '| ------------ | ---------------- | ---------------- | --------------- | ---------------- | --------------------- |',
].join('\n')

/** The two take turns. Gives a row: what ours takes and, in brackets, how many times as much that is as the library alone. */
export async function contest({ name, ours, bare }: Contender): Promise<string> {
  const pairs: (readonly [we: Measured, they: Measured])[] = []
  // The first round warms both up.
  for (let round = 0; round <= rounds; round += 1) {
    const [first, second] = round % 2 === 0 ? [ours, bare] : [bare, ours]
    const [a, b] = [await first(), await second()]
    if (round > 0) pairs.push(round % 2 === 0 ? [a, b] : [b, a])
  }
  const cell = (of: (measured: Measured) => number, show: (value: number) => string) => {
    const ratio = median(pairs.map(([we, they]) => of(we) / of(they)))
    return `${show(median(pairs.map(([we]) => of(we))))}${Number.isNaN(ratio) ? '' : ` (× ${ratio.toFixed(2)})`}`
  }
  const cost = (of: (measured: Measured) => Cost) => [
    cell((one) => of(one).seconds, (seconds) => Math.round(count / seconds).toLocaleString('en')),
    cell((one) => of(one).cpuSeconds, (seconds) => ((seconds / count) * 1e6).toFixed(0)),
  ] // prettier-ignore
  const p99 = median(pairs.map(([{ wake }]) => wake?.p99 ?? NaN)).toFixed(1)
  const wake = cell(({ wake }) => wake?.p50 ?? NaN, (ms) => `${ms.toFixed(1)} / ${p99}`) // prettier-ignore
  return `| ${[name.padEnd(12), ...cost((one) => one.append), ...cost((one) => one.tail), wake].join(' | ')} |`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
