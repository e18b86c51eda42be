import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { ChainableCommander } from 'ioredis'
import { AurenError } from '../errors.ts'
import { RedisCommands } from './redis-commands.ts'
import type { RedisConnection } from './redis-connection.ts'
import { fromReply, isOutOfMemory } from './redis-errors.ts'
import { emptyState, parseState } from './redis-state.ts'
import type { StreamState } from './redis-state.ts'
import { Transaction } from './redis-transaction.ts'
import type { Reply } from './redis-transaction.ts'

/** The stream's state before these commands, and their replies: all of one moment. */
export interface Snapshot {
  readonly state: StreamState
  readonly replies: readonly Reply[]
}

/** What became of commands that wrote. */
export interface Written {
  readonly epoch: string
  readonly added: number | null
  readonly replies: readonly Reply[]
}

/** Bytes of memory that are kept between writes. */
const maxSpareBytes = 1024 * 1024

const newEpoch = () => randomBytes(6).toString('hex')

/** Transactions on a stream and the hash beside it, which names the stream's life: `epoch`, and `written` once it was. */
export class RedisSnapshots {
  readonly #connection: RedisConnection
  readonly #key: string
  readonly #metaKey: string
  /** One that a write offered in vain: to make one for each costs as much as encoding an event. */
  #unusedEpoch: string | undefined
  /** Memory of the last write, for the next: memory outside of V8's heap makes it collect garbage before there is any. */
  #spare: RedisCommands | undefined

  constructor(connection: RedisConnection, key: string, metaKey: string) {
    this.#connection = connection
    this.#key = key
    this.#metaKey = metaKey
  }

  /** An epoch is only written where there is none, so that a reader needs no right to write, and no free memory. */
  async read(add: (multi: ChainableCommander) => ChainableCommander): Promise<Snapshot> {
    for (;;) {
      const [epoch, info, ...replies] = await this.#executeRead((commands) =>
        add(commands.hget(this.#metaKey, 'epoch').xinfo('STREAM', this.#key)),
      )
      const known = valueOf(epoch)
      if (typeof known === 'string') return { state: stateOf(known, info), replies }
      await this.#connection.use((client) => client.hsetnx(this.#metaKey, 'epoch', newEpoch()))
    }
  }

  /**
   * Runs commands that must run once; the epoch is made by the same transaction. `added` is how many entries the stream had
   * seen before, or null: unless `counts`, it is not asked for, since the answer holds two whole entries, which take longer to
   * read than what a quiet agent writes.
   */
  async write(add: (transaction: Transaction) => void, counts: boolean): Promise<Written> {
    const commands = this.#spare ?? new RedisCommands()
    this.#spare = undefined
    const transaction = new Transaction(commands)
    const newLife = this.#unusedEpoch ?? newEpoch()
    this.#unusedEpoch = undefined
    transaction.add('HSETNX', this.#metaKey, 'epoch', newLife)
    transaction.add('HSETNX', this.#metaKey, 'written', '1')
    transaction.add('HGET', this.#metaKey, 'epoch')
    if (counts) transaction.add('XINFO', 'STREAM', this.#key)
    else transaction.add('EXISTS', this.#key)
    add(transaction)
    const [isNew, first, known, before, ...replies] = executed(
      await this.#connection.use((client) => transaction.run(client)),
    )
    // What is answered was sent. After a failure the bytes may still wait in the socket.
    if (commands.capacity <= maxSpareBytes) this.#spare = commands
    if (valueOf(isNew) === 0) this.#unusedEpoch = newLife
    const wasDeleted = (isMissing(before) || valueOf(before) === 0) && valueOf(first) === 0
    const epoch = wasDeleted ? await this.#renewEpoch() : String(valueOf(known))
    return { epoch, added: counts ? stateOf(epoch, before).added : null, replies }
  }

  /** The key was deleted alone: without a new epoch its next life could pass for the old one, trimmed. */
  async #renewEpoch(): Promise<string> {
    const epoch = newEpoch()
    await this.#connection.use((client) => client.hset(this.#metaKey, 'epoch', epoch))
    return epoch
  }

  /**
   * A Redis whose memory is full refuses every transaction, but answers reads. Without one, equal states before and after
   * mean one moment; they soon are, as nobody can write.
   */
  async #executeRead(add: (commands: ChainableCommander) => ChainableCommander): Promise<Reply[]> {
    try {
      return await this.#execute(add)
    } catch (error) {
      if (!isOutOfMemory(error)) throw error
    }
    for (;;) {
      const replies = await this.#connection.use((client) => add(client.pipeline()).xinfo('STREAM', this.#key).exec())
      if (replies && isDeepStrictEqual(replies[1], replies.pop())) return replies
    }
  }

  async #execute(add: (multi: ChainableCommander) => ChainableCommander): Promise<Reply[]> {
    return executed(await this.#connection.use((client) => add(client.multi()).exec()))
  }
}

function executed(replies: Reply[] | null): Reply[] {
  if (replies === null) throw new AurenError('AUREN_STREAM_UNAVAILABLE', { detail: 'the transaction was discarded' })
  return replies
}

/** Throws what Redis answered with when the command failed. */
export function valueOf(reply: Reply | undefined): unknown {
  if (reply?.[0]) throw fromReply(reply[0])
  return reply?.[1]
}

function isMissing(info: Reply | undefined): boolean {
  return info?.[0]?.message.includes('no such key') ?? false
}

function stateOf(epoch: string, info: Reply | undefined): StreamState {
  return isMissing(info) ? emptyState(epoch) : parseState(epoch, valueOf(info) as unknown[])
}
