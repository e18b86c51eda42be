/** Distinct values of one label; what comes later is counted under `other`, so that no caller can flood Prometheus. */
const maxValues = 100
/** Longest label value, in characters. */
const maxLength = 128

export class LabelCap {
  readonly #seen = new Map<string, Set<string>>()

  bounded(label: string, value: string): string {
    const text = value.slice(0, maxLength)
    let values = this.#seen.get(label)
    if (values === undefined) this.#seen.set(label, (values = new Set()))
    if (values.has(text)) return text
    if (values.size >= maxValues) return 'other'
    values.add(text)
    return text
  }
}
