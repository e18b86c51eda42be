import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { payloadsOf } from '../feed/text-frame.ts'
import type { Encoding } from './encoding.ts'
import type { Sink } from './sink.ts'

/**
 * Frames that were made once for many clients go straight to the connection below the WebSocket: one write for all of a
 * turn. That is right only between whole messages of ws itself, and it sends none in parts: no compression was agreed on
 * and nothing waits inside ws. Otherwise ws frames each message as usual.
 */
export class WebSocketSink implements Sink {
  readonly encoding: Encoding
  readonly #socket: WebSocket
  readonly #connection: Duplex
  readonly #isPlain: boolean

  constructor(socket: WebSocket, connection: Duplex, encoding: Encoding) {
    this.#socket = socket
    this.#connection = connection
    this.encoding = encoding
    this.#isPlain = socket.extensions === ''
  }

  get isBlocked(): boolean {
    return this.#connection.writableNeedDrain
  }

  write(frames: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return
    const waiting = this.#isPlain ? this.#socket.bufferedAmount : NaN
    if (waiting === 0 || waiting === this.#connection.writableLength) return void this.#connection.write(frames)
    for (const payload of payloadsOf(frames)) this.#socket.send(payload, { binary: false })
  }

  onDrained(listener: () => void): void {
    this.#connection.on('drain', listener)
  }
}
