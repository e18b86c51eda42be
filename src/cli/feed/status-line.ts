/** Back to the first column, and nothing to the right of it. */
const erase = '\r\u001b[K'

/** A line that stays below what is printed, in a terminal; elsewhere there is none. */
export class StatusLine {
  readonly #isShown = process.stdout.isTTY
  #text = ''

  /** Prints a line above it. */
  print(line: string): void {
    if (!this.#isShown) console.log(line)
    else process.stdout.write(`${erase}${line}\n${this.#text}`)
  }

  show(text: string): void {
    if (!this.#isShown) return
    // A line that wraps could not be erased.
    this.#text = text.slice(0, (process.stdout.columns || 80) - 1)
    process.stdout.write(`${erase}${this.#text}`)
  }

  end(): void {
    if (this.#isShown) process.stdout.write(erase)
    this.#text = ''
  }
}
