/** Bytes kept free at first: an append of some twenty events. */
const firstBytes = 32 * 1024

/**
 * Commands as the protocol writes them (redis.io/docs/latest/develop/reference/protocol-spec), one behind the other in one
 * buffer: one text for all of them would be copied once more to be encoded.
 */
export class RedisCommands {
  #buffer = Buffer.allocUnsafe(firstBytes)
  #end = 0

  /** Begins anew, in the same memory: nobody may use the bytes any more. */
  clear(): this {
    this.#end = 0
    return this
  }

  add(...parts: readonly string[]): this {
    this.#reserve(16)
    this.#header(asterisk, parts.length)
    for (const part of parts) this.#text(part)
    return this
  }

  #text(text: string): void {
    // No character takes more than three bytes for each of its UTF-16 units.
    this.#reserve(text.length * 3 + 32)
    const start = this.#end
    this.#header(dollar, text.length)
    const bytes = this.#buffer.write(text, this.#end, text.length * 3, 'utf8')
    if (bytes !== text.length) {
      this.#end = start
      this.#header(dollar, bytes)
      this.#buffer.write(text, this.#end, bytes, 'utf8')
    }
    this.#end += bytes
    this.#lineEnd()
  }

  /** A whole command, whose lengths count characters. Adds nothing, and returns false, where bytes are more than these. */
  ascii(command: string): boolean {
    this.#reserve(command.length * 3)
    const bytes = this.#buffer.write(command, this.#end, 'utf8')
    if (bytes !== command.length) return false
    this.#end += bytes
    return true
  }

  /** Bytes of memory that are taken, used or not. */
  get capacity(): number {
    return this.#buffer.length
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end)
  }

  #header(kind: number, length: number): void {
    this.#buffer[this.#end++] = kind
    this.#digits(length)
    this.#lineEnd()
  }

  #digits(number: number): void {
    if (number >= 10) this.#digits(Math.floor(number / 10))
    this.#buffer[this.#end++] = zero + (number % 10)
  }

  #lineEnd(): void {
    this.#buffer[this.#end++] = carriageReturn
    this.#buffer[this.#end++] = lineFeed
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#end + bytes))
    this.#buffer.copy(larger, 0, 0, this.#end)
    this.#buffer = larger
  }
}

const [asterisk, dollar, zero, carriageReturn, lineFeed] = [0x2a, 0x24, 0x30, 0x0d, 0x0a] as const
