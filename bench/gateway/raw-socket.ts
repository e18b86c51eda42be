import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** First bytes of frames; what is sent has a mask of zeros, which leaves the payload as it is. */
const [text, ping, pong] = [0x81, 0x89, 0x8a]

/** A WebSocket client that does as little as it can, so that it is never what is measured: unmasks nothing, checks nothing. */
export class RawSocket {
  readonly socket: Socket
  readonly #onText: (payload: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)
  #isOpen = false

  constructor(url: URL, path: string, onOpen: (socket: RawSocket) => void, onText: (payload: Buffer) => void) {
    this.#onText = onText
    this.socket = connect(Number(url.port), url.hostname, () => {
      this.socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${url.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
    })
    this.socket.on('data', (chunk: Buffer) => {
      this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
      if (!this.#isOpen) {
        const end = this.#rest.indexOf('\r\n\r\n')
        if (end === -1) return
        this.#isOpen = true
        this.#rest = this.#rest.subarray(end + 4)
        onOpen(this)
      }
      this.#parse()
    })
    this.socket.on('error', () => undefined)
  }

  send(message: string): void {
    this.#send(text, Buffer.from(message))
  }

  #send(kind: number, payload: Buffer): void {
    const header =
      payload.length < 126
        ? Buffer.from([kind, 0x80 | payload.length, 0, 0, 0, 0])
        : Buffer.from([kind, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0])
    this.socket.write(Buffer.concat([header, payload]))
  }

  #parse(): void {
    let [at, rest] = [0, this.#rest]
    while (rest.length - at >= 2) {
      const short = rest[at + 1] as number
      const header = short < 126 ? 2 : short === 126 ? 4 : 10
      if (rest.length - at < header) break
      const length =
        short < 126 ? short : short === 126 ? rest.readUInt16BE(at + 2) : Number(rest.readBigUInt64BE(at + 2))
      if (rest.length - at < header + length) break
      const payload = rest.subarray(at + header, at + header + length)
      if (rest[at] === text) this.#onText(payload)
      else if (rest[at] === ping) this.#send(pong, payload)
      at += header + length
    }
    rest = at === 0 ? rest : rest.subarray(at)
    this.#rest = rest
  }
}
