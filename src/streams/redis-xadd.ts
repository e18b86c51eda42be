import type { AurenEvent } from '../events/event.ts'
import { fieldNames, fieldValues, toFieldList } from '../events/field-list.ts'
import type { RedisCommands } from './redis-commands.ts'

/** Writes events as XADD commands to one key. What is the same in all of them is put together once. */
export class Xadd {
  readonly #options: readonly string[]
  readonly #start: string
  /** What stands before the length of each value: the end of the part before it, its name. */
  readonly #names = fieldNames.map((name) => `\r\n${part(name)}\r\n$`)

  constructor(key: string, maxLength: number) {
    this.#options = ['XADD', key, 'MAXLEN', '~', String(maxLength), '*']
    this.#start = this.#options.map(part).join('\r\n')
  }

  add(commands: RedisCommands, event: AurenEvent): void {
    const values = fieldValues(event)
    let parts = this.#options.length
    let fields = this.#start
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i]
      if (value === undefined) continue
      parts += 2
      // In this order, since each piece of twelve characters or more takes its time when the command is written.
      const length = lengths[value.length] ?? `${value.length}\r\n`
      fields = fields + this.#names[i] + length + value
    }
    const isAdded = commands.ascii(`*${parts}\r\n${fields}\r\n`)
    if (!isAdded) commands.add(...this.#options, ...toFieldList(event))
  }
}

/** Most values are shorter. */
const lengths = Array.from({ length: 1_024 }, (_, length) => `${length}\r\n`)

function part(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}`
}
