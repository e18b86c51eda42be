import { onTestFinished } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { assertServerFrame } from './server-frames.ts'
import { until } from './until.ts'
import type { Message } from './ws-client.ts'

export interface TestEventSource {
  readonly response: Response
  readonly messages: readonly Message[]
  /** Every `id` that came. */
  readonly places: readonly string[]
  /** What `Last-Event-ID` would be. */
  lastEventId(): string | undefined
  next(type: string, after?: number): Promise<Message>
  events(): AurenEvent[]
  /** Resolves when the gateway has ended the response. */
  ended(): Promise<true>
  close(): void
}

/** Reads the feed as a browser's EventSource does, and fails the test on a message that is not as documented. */
export async function eventSource(url: string, headers: Record<string, string> = {}): Promise<TestEventSource> {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const init = { headers: { authorization: 'Bearer test', ...headers }, signal: stop.signal }
  const response = await fetch(url.includes('?') || url.endsWith('/events') ? url : `${url}/events`, init)
  const messages: Message[] = []
  const places: string[] = []
  let ended = false
  const read = async () => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const place = /^id: (.*)$/m.exec(block)?.[1]
        if (place !== undefined) places.push(place)
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data !== undefined) messages.push(assertServerFrame(data))
      }
    }
  }
  read().then(
    () => (ended = true),
    () => (ended = true),
  )
  return {
    response,
    messages,
    places,
    lastEventId: () => places.at(-1),
    next: (type, after = 0) =>
      until(`a message of type ${type}`, () => messages.filter((message) => message.type === type)[after]),
    events: () => messages.filter(({ type }) => type === 'stream_event').map(({ event }) => event as AurenEvent),
    ended: () => until('the response ends', () => ended),
    close: () => stop.abort(),
  }
}
