import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { payloadsOf } from '../feed/text-frame.ts'
import { DirectWriter } from './direct-writer.ts'
import type { Encoding } from './encoding.ts'
import type { Sink } from './sink.ts'

/**
 * Frames that were made once for many clients go straight to the connection below the WebSocket: one write for all of a
 * turn. That is right only between whole messages of ws itself, which holds messages back when compression was agreed on
 * (or for a Blob, which we send none of), and writes them at once otherwise. With compression ws frames each one as usual.
 */
export class WebSocketSink implements Sink {
  readonly encoding: Encoding
  readonly #socket: WebSocket
  readonly #connection: Duplex
  readonly #isPlain: boolean
  readonly #direct: DirectWriter | undefined

  constructor(socket: WebSocket, connection: Duplex, encoding: Encoding) {
    this.#socket = socket
    this.#connection = connection
    this.encoding = encoding
    this.#isPlain = socket.extensions === ''
    this.#direct = this.#isPlain ? DirectWriter.to(connection) : undefined
  }

  get isBlocked(): boolean {
    return this.#connection.writableNeedDrain
  }

  get isBehind(): boolean {
    return this.#direct?.isWaiting === true || this.#socket.bufferedAmount > 0
  }

  write(frames: Buffer): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return !this.isBlocked
    if (this.#direct?.write(frames)) return true
    if (this.#isPlain) return this.#connection.write(frames)
    for (const payload of payloadsOf(frames)) this.#socket.send(payload, { binary: false })
    return !this.isBlocked
  }

  onDrained(listener: () => void): void {
    this.#connection.on('drain', listener)
  }
}
