import type { AurenEvent } from '../events/event.ts'
import { toFieldList } from '../events/field-list.ts'
import { RedisCommands } from './redis-commands.ts'

/** XADD, its key and options, and the id. */
const startParts = 6

/** Writes events as XADD commands to one key. What is the same in all of them is encoded once. */
export class Xadd {
  readonly #start: Uint8Array
  readonly #names = new Map<string, Uint8Array>()

  constructor(key: string, maxLength: number) {
    this.#start = encode('XADD', key, 'MAXLEN', '~', String(maxLength), '*')
  }

  add(commands: RedisCommands, event: AurenEvent): void {
    const fields = toFieldList(event)
    commands.begin(startParts + fields.length)
    commands.encoded(this.#start)
    for (let i = 0; i + 1 < fields.length; i += 2) {
      commands.encoded(this.#name(fields[i] as string))
      commands.text(fields[i + 1] as string)
    }
  }

  #name(field: string): Uint8Array {
    let name = this.#names.get(field)
    if (name === undefined) this.#names.set(field, (name = encode(field)))
    return name
  }
}

function encode(...parts: readonly string[]): Uint8Array {
  const commands = new RedisCommands()
  for (const part of parts) commands.text(part)
  return Uint8Array.from(commands.bytes)
}
