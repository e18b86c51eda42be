import { Command } from 'ioredis'
import type { Redis } from 'ioredis'

/** Error or value of one command. */
export type Reply = [error: Error | null, value: unknown]

/** One command as the protocol writes it (redis.io/docs/latest/develop/reference/protocol-spec): lengths are in bytes. */
export function encodeCommand(parts: readonly string[]): string {
  let text = `*${parts.length}\r\n`
  for (const part of parts) text += `$${Buffer.byteLength(part)}\r\n${part}\r\n`
  return text
}

/** A command whose bytes are given: ioredis then only sends them and settles it with the reply. */
class PreparedCommand extends Command {
  readonly #text: string

  constructor(name: string, text: string) {
    super(name, [], { replyEncoding: 'utf8' })
    this.#text = text
  }

  override toWritable(): string {
    return this.#text
  }
}

const begin = encodeCommand(['MULTI'])
const end = encodeCommand(['EXEC'])

/**
 * Runs encoded commands as one transaction, written in one piece: a command object of ioredis costs more than all the rest
 * of an append. Rejects with what made Redis refuse it; resolves with null when it was discarded.
 */
export async function transact(client: Redis, commands: readonly string[]): Promise<Reply[] | null> {
  let refusal: Error | undefined
  // Each command is first answered with QUEUED, or with an error: one object stands for all of these answers.
  const queued = new PreparedCommand('multi', '')
  const { reject } = queued
  queued.reject = (error) => {
    refusal ??= error
    reject(error)
  }
  void (queued.promise as Promise<unknown>).catch(() => undefined)
  const unwritten = { isPipeline: true, write: () => true, destination: { redis: client } } as const
  for (let i = 0; i <= commands.length; i += 1) void client.sendCommand(queued, unwritten)
  const exec = new PreparedCommand('exec', begin + commands.join('') + end)
  try {
    const replies = (await client.sendCommand(exec)) as unknown[] | null
    return replies && replies.map((reply) => (reply instanceof Error ? [reply, undefined] : [null, reply]))
  } catch (error) {
    throw refusal ?? error
  }
}
