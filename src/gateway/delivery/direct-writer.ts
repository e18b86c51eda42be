import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What Node's own sockets write with. It is not public, and the same in Node 22, 24 and 26; what is not as described here is left alone. */
interface StreamWrap {
  readonly WriteWrap: new () => WriteRequest
  /** About the write just made. */
  readonly streamBaseState: ArrayLike<number>
  readonly kLastWriteWasAsync: number
}

/** One write. Node forgets it when all was taken at once, and calls it back when what waited has left, or cannot. */
interface WriteRequest {
  /** Kept from the garbage collector while they wait. */
  bytes?: Buffer
  oncomplete?: (status: number) => void
}

interface Handle {
  writeBuffer(request: WriteRequest, bytes: Buffer): number
}

/**
 * Writes to a TCP connection below its stream, whose book-keeping is a tenth of what it costs to send one event to one
 * client. It does so only while the stream is empty and all that came before was taken. Else the stream has to write, behind
 * what waits here: the system keeps the order, and the stream its limit, its 'drain' and its errors.
 */
export class DirectWriter {
  readonly #connection: Duplex
  readonly #handle: Handle
  readonly #wrap: StreamWrap
  #isWaiting = false

  /** Undefined where the connection, or Node, is of another kind: encrypted, no TCP, or of a version that does otherwise. */
  static to(connection: Duplex): DirectWriter | undefined {
    const handle = connection instanceof Socket ? (connection as { _handle?: unknown })._handle : undefined
    const isKnown = streamWrap !== undefined && isTcp(handle)
    return isKnown ? new DirectWriter(connection, handle, streamWrap) : undefined
  }

  private constructor(connection: Duplex, handle: Handle, wrap: StreamWrap) {
    this.#connection = connection
    this.#handle = handle
    this.#wrap = wrap
  }

  /** Whether bytes of the last write, fewer than the stream's limit, have not left. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** False when nothing of it was taken, as for a connection that has failed: the stream tells why when it is asked. */
  write(bytes: Buffer): boolean {
    const { writableLength, writableHighWaterMark } = this.#connection
    if (this.#isWaiting || writableLength > 0 || bytes.length >= writableHighWaterMark) return false
    const request = (unused ??= new this.#wrap.WriteWrap())
    if (this.#handle.writeBuffer(request, bytes) !== 0) return false
    if (this.#wrap.streamBaseState[this.#wrap.kLastWriteWasAsync] !== 0) this.#await(request, bytes)
    return true
  }

  #await(request: WriteRequest, bytes: Buffer): void {
    unused = undefined
    this.#isWaiting = true
    request.bytes = bytes
    request.oncomplete = (status) => {
      this.#isWaiting = false
      if (status < 0) this.#connection.destroy()
    }
  }
}

/** Serves every write until one has to wait. */
let unused: WriteRequest | undefined
const streamWrap = nodeStreamWrap()

function nodeStreamWrap(): StreamWrap | undefined {
  try {
    const wrap = (process as unknown as { binding(name: string): Partial<StreamWrap> }).binding('stream_wrap')
    const isKnown = typeof wrap.WriteWrap === 'function' && typeof wrap.kLastWriteWasAsync === 'number'
    return isKnown && wrap.streamBaseState !== undefined ? (wrap as StreamWrap) : undefined
  } catch {
    return undefined
  }
}

function isTcp(handle: unknown): handle is Handle {
  const { constructor, writeBuffer } = (handle ?? {}) as Partial<Handle>
  return constructor?.name === 'TCP' && typeof writeBuffer === 'function'
}
