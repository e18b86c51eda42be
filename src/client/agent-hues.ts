/**
 * Which of some colours an agent has. Each of the first agents has one of its own: that to which its id leads, or the next that is
 * free. Those that come when all are taken have the one to which their id leads.
 */
export class AgentHues {
  readonly #count: number
  readonly #given = new Map<string, number>()

  constructor(count: number) {
    this.#count = count
  }

  /** The agents that have a colour of their own, in the order in which they came: asked in that order again, each gets the same. */
  get owners(): readonly string[] {
    return [...this.#given.keys()]
  }

  /** From 0 on. */
  of(id: string): number {
    const known = this.#given.get(id)
    if (known !== undefined) return known
    let hue = hash(id) % this.#count
    if (this.#given.size === this.#count) return hue
    const taken = new Set(this.#given.values())
    while (taken.has(hue)) hue = (hue + 1) % this.#count
    this.#given.set(id, hue)
    return hue
  }
}

function hash(text: string): number {
  let sum = 0
  for (let index = 0; index < text.length; index += 1) sum = (sum * 31 + text.charCodeAt(index)) % 1_000_003
  return sum
}
