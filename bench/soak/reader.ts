import type { Tally } from '../gateway/messages.ts'
import { RawSocket } from '../gateway/raw-socket.ts'

interface Message {
  readonly type: string
  readonly id?: string
  readonly first_available?: string
  readonly position?: string
  readonly event?: { readonly payload: { readonly number?: number } }
}

/** A client that goes, comes back where it was, and reads nothing for a while, and counts what it was not given. */
export class Reader {
  /** Number of the newest event that came. */
  last: number | undefined
  readonly #url: URL
  readonly #tally: Tally
  #socket: RawSocket | undefined
  #cursor: string | undefined
  #isAnnounced = false

  constructor(url: URL, tally: Tally) {
    this.#url = url
    this.#tally = tally
    this.come()
  }

  come(): void {
    if (this.#socket) return
    const resume = this.#cursor === undefined ? {} : { resume: { last_event_id: this.#cursor } }
    const hello = { token: 'test', protocol_version: 1, ...resume }
    const socket: RawSocket = new RawSocket(
      this.#url,
      '/ws',
      () => socket.send(JSON.stringify(hello)),
      (payload) => socket === this.#socket && this.#take(JSON.parse(payload.toString()) as Message),
    )
    this.#socket = socket
    socket.socket.once('close', () => {
      if (socket !== this.#socket) return
      this.#tally.sentAway += 1
      this.#socket = undefined
      setTimeout(() => this.come(), 500 + Math.random() * 4_500)
    })
  }

  leave(): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#tally.left += 1
    this.#socket = undefined
    socket.socket.destroy()
    setTimeout(() => this.come(), Math.random() * 5_000)
  }

  stall(): void {
    const socket = this.#socket?.socket
    if (socket === undefined || socket.isPaused()) return
    this.#tally.stalled += 1
    socket.pause()
    setTimeout(() => socket.resume(), 5_000 + Math.random() * 40_000)
  }

  #take({ type, id, first_available: first, position, event }: Message): void {
    if (type === 'connection_established') this.#cursor ??= position
    if (type === 'gap') {
      this.#isAnnounced = true
      this.#cursor = first ?? this.#cursor
    }
    if (type !== 'stream_event') return
    this.#cursor = id
    const number = event?.payload.number
    if (number !== undefined) this.#count(number)
  }

  #count(number: number): void {
    this.#tally.events += 1
    const last = this.last ?? number - 1
    if (number <= last) this.#tally.repeated += 1
    else {
      this.#tally[this.#isAnnounced ? 'announced' : 'unannounced'] += number - last - 1
      this.#isAnnounced = false
      this.last = number
    }
  }
}
