import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Closing } from '../protocol/close-codes.ts'
import { closings } from '../protocol/close-codes.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import { Expiry } from './auth/expiry.ts'
import { connectionEstablished } from './connection-established.ts'
import type { Greeting } from './connection-established.ts'
import type { Connection } from './connections.ts'
import { encodings } from './delivery/encoding.ts'
import type { Sink } from './delivery/sink.ts'
import type { EventFilter } from './event-filter.ts'
import type { Principal } from './principal.ts'
import type { RunBoard } from './runs/run-board.ts'
import { Viewer } from './viewer.ts'
import type { ViewerHost } from './viewer.ts'

interface EventSourceHost extends ViewerHost, Greeting {
  readonly runs: RunBoard
  ended(connection: Connection, closing: Closing | undefined): void
}

const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // For proxies of nginx's kind, which would hold the events back.
  'x-accel-buffering': 'no',
}

class ResponseSink implements Sink {
  readonly encoding = encodings.sse
  readonly #response: ServerResponse

  constructor(response: ServerResponse) {
    this.#response = response
  }

  get isBehind(): boolean {
    return this.#response.writableLength > 0
  }

  get isBlocked(): boolean {
    return this.#response.writableNeedDrain
  }

  write(bytes: Buffer): boolean {
    return this.#response.writableEnded || this.#response.write(bytes)
  }

  onDrained(listener: () => void): void {
    this.#response.on('drain', listener)
  }
}

/** The feed as server-sent events: the messages of version 1, for whom a WebSocket does not get through. */
export class EventSourceConnection implements Connection {
  readonly #response: ServerResponse
  readonly #host: EventSourceHost
  readonly #viewer: Viewer
  readonly #expiry = new Expiry(() => this.close(closings.tokenExpired))
  #closing: Closing | undefined

  constructor(
    response: ServerResponse,
    who: { readonly principal: Principal; readonly filter: EventFilter },
    host: EventSourceHost,
  ) {
    this.#response = response
    this.#host = host
    this.#viewer = new Viewer(host, who, { sink: new ResponseSink(response), send: (message) => this.send(message) })
    response.on('close', () => this.#ended())
    response.on('error', () => undefined)
  }

  get principal(): Principal {
    return this.#viewer.principal
  }

  get eventsSent(): number {
    return this.#viewer.eventsSent
  }

  get wantsSummary(): boolean {
    return this.#viewer.wantsSummary
  }

  get followedAgents(): Viewer['followedAgents'] {
    return this.#viewer.followedAgents
  }

  get isBehind(): boolean {
    return this.#viewer.sink.isBehind
  }

  /** Answers the request and begins behind the cursor, or with what happens from now on. */
  start(resume: string | undefined): void {
    this.#response.writeHead(200, headers)
    this.#response.flushHeaders()
    this.send(connectionEstablished(randomUUID(), 1, this.#viewer, this.#host))
    const snapshot = this.#host.runs.snapshotFor(this)
    if (snapshot !== undefined) this.send(snapshot)
    this.#expiry.at(this.principal.expiresAt)
    this.#viewer.start(resume)
    this.#tellPlace()
  }

  send(message: ServerMessage): void {
    const text = encodings.sse.message(message)
    if (text !== undefined && !this.#response.writableEnded) this.#response.write(text)
  }

  /** The response's own end tells when nobody is there. */
  beat(): void {
    this.#viewer.announceSkipped()
    if (!this.#response.writableNeedDrain) this.#tellPlace()
  }

  letGoIfStalled(): void {
    const { ms, lag } = this.#viewer.stall
    if (ms < this.#host.settings.stallMs) return
    this.#host.dropped('slow_consumer', lag)
    this.#closing = closings.slowConsumer
    // What waits would never be taken; the client knows the id of the last event it has.
    this.#response.destroy()
  }

  close(closing: Closing): void {
    this.#closing ??= closing
    this.#viewer.close()
    this.#response.end()
  }

  /** An id alone is no event, but what `Last-Event-ID` will be: who was shown nothing comes back to here, too. */
  #tellPlace(): void {
    const { cursor } = this.#viewer
    if (!this.#response.writableEnded) this.#response.write(cursor === undefined ? ':\n\n' : `id: ${cursor}\n\n`)
  }

  #ended(): void {
    this.#expiry.clear()
    this.#viewer.close()
    this.#host.ended(this, this.#closing)
  }
}
