import { Command } from 'ioredis'
import type { Redis } from 'ioredis'
import type { RedisCommands } from './redis-commands.ts'

/** Error or value of one command. */
export type Reply = [error: Error | null, value: unknown]

/** A command whose bytes are given: ioredis then only sends them and settles it with the reply. */
class PreparedCommand extends Command {
  readonly #bytes: Buffer

  constructor(name: string, bytes: Buffer) {
    super(name, [], { replyEncoding: 'utf8' })
    this.#bytes = bytes
  }

  override toWritable(): Buffer {
    return this.#bytes
  }
}

/** Commands that run as one transaction. */
export class Transaction {
  readonly #commands: RedisCommands
  #length = 0

  /** Written into these commands, in place of what they hold. */
  constructor(commands: RedisCommands) {
    this.#commands = commands.clear().add('MULTI')
  }

  add(...parts: readonly string[]): void {
    this.write((commands) => commands.add(...parts))
  }

  /** Adds the one command that is written. */
  write(write: (commands: RedisCommands) => void): void {
    write(this.#commands)
    this.#length += 1
  }

  /**
   * Written in one piece: a command object of ioredis costs more than all the rest of an append. Rejects with what made Redis
   * refuse it; resolves with null when it was discarded.
   */
  async run(client: Redis): Promise<Reply[] | null> {
    let refusal: Error | undefined
    // Each command is first answered with QUEUED, or with an error: one object stands for all of these answers.
    const queued = new PreparedCommand('multi', nothing)
    const { reject } = queued
    queued.reject = (error) => {
      refusal ??= error
      reject(error)
    }
    void (queued.promise as Promise<unknown>).catch(() => undefined)
    const unwritten = { isPipeline: true, write: () => true, destination: { redis: client } } as const
    for (let i = 0; i <= this.#length; i += 1) void client.sendCommand(queued, unwritten)
    const exec = new PreparedCommand('exec', this.#commands.add('EXEC').bytes)
    try {
      const replies = (await client.sendCommand(exec)) as unknown[] | null
      return replies && replies.map((reply) => (reply instanceof Error ? [reply, undefined] : [null, reply]))
    } catch (error) {
      throw refusal ?? error
    }
  }
}

const nothing = Buffer.alloc(0)
