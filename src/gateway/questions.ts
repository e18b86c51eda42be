import type { WebSocket } from 'ws'

/** Bytes of questions that wait for their turn; of who has asked more, nothing is read until they are answered. */
const maxBytesWaiting = 65_536

/** What one client asks: answered one at a time, so that who asks and does not read costs no more than one answer. */
export class Questions {
  readonly #socket: WebSocket
  #answered: Promise<void> = Promise.resolve()
  #bytesWaiting = 0
  #isOver = false

  constructor(socket: WebSocket) {
    this.#socket = socket
  }

  /** `answer` resolves when the socket has taken it. Rejects as it does; the next has its turn all the same. */
  async ask(bytes: number, answer: () => Promise<void>): Promise<void> {
    this.#bytesWaiting += bytes
    if (this.#bytesWaiting > maxBytesWaiting) this.#socket.pause()
    const answered = this.#answered.then(answer)
    this.#answered = answered.catch(() => undefined)
    await answered.finally(() => {
      this.#bytesWaiting -= bytes
      if (!this.#isOver && this.#bytesWaiting <= maxBytesWaiting) this.#socket.resume()
    })
  }

  /** How much is read from now on is for others to say. */
  end(): void {
    this.#isOver = true
  }
}
