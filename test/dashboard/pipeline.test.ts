import { describe, expect, it } from 'vitest'
import { troubleCount, troubleSentence } from '../../src/dashboard/pipeline/trouble-words.ts'
import type { Input } from '../../src/dashboard/state/input.ts'
import { binMs, foldPipeline, quietPipeline, ratesOf } from '../../src/dashboard/state/pipeline.ts'
import { anEvent } from '../support/events.ts'

const second = (at: number) => 1_000_000_000 + at * 1_000
const arrival = (at: number): Input => ({
  type: 'message',
  message: { type: 'stream_event', id: 'c', event: anEvent() },
  at: second(at),
})
const client = (state: 'connecting' | 'reconnecting' | 'catching_up' | 'live', at: number, reason?: string): Input => ({
  type: 'client',
  state,
  reason,
  at: second(at),
})
const fold = (...inputs: readonly Input[]) => foldPipeline(quietPipeline, inputs, 0)
const told = (...inputs: readonly Input[]) =>
  fold(...inputs).troubles.map((trouble) => [troubleCount(trouble), troubleSentence(trouble)])

describe('how events come to the page', () => {
  it('is counted by second of arrival, and unknown before the page was let in', () => {
    const pipeline = { ...fold(arrival(0), arrival(1), arrival(4.9), arrival(5)), since: second(0) }
    const rates = ratesOf(pipeline, second(10) / binMs)
    expect(rates.slice(-3)).toEqual([
      { at: second(-5), rate: undefined },
      { at: second(0), rate: 0.6 },
      { at: second(5), rate: 0.2 },
    ])
  })

  it('stays the same object while nothing comes', () => {
    expect(fold(client('live', 0), { type: 'gap_read' })).toBe(quietPipeline)
  })

  it('is one break for a lost connection, however often it is tried again, with its end', () => {
    const down = [
      client('live', 0),
      client('reconnecting', 1, 'server_draining'),
      client('reconnecting', 3),
      client('catching_up', 5),
    ]
    expect(told(client('connecting', 0), ...down)).toEqual([
      ['none', 'the gateway is being restarted; back after 4.0 s'],
    ])
    expect(told(...down.slice(0, 2))).toEqual([['none', 'the gateway is being restarted']])
    expect(told(...down, client('live', 6), client('reconnecting', 9))).toHaveLength(2)
  })

  it('has what the gateway could not send, with a count where there is one', () => {
    const gap = (missed: number | null): Input => ({
      type: 'message',
      message: { type: 'gap', reason: 'trimmed', missed },
      at: second(0),
    })
    const why = 'the stream no longer had them when they were to be sent'
    expect(told(gap(1_200), gap(null))).toEqual([
      ['1,200', why],
      ['unknown', why],
    ])
  })

  it('has what agents lost, once, also when the page reads of it in the past and in the feed', () => {
    const event = anEvent({ event_type: 'telemetry_gap', payload: { dropped: 3, reason: 'queue_full' } })
    const other = anEvent({ event_type: 'telemetry_gap', payload: { reason: 'of a newer version' } })
    expect(
      told(
        { type: 'history', events: [event], before: undefined },
        { type: 'past', events: [event], since: undefined },
        { type: 'message', message: { type: 'stream_event', id: 'c', event: other }, at: second(0) },
        { type: 'message', message: { type: 'stream_event', id: 'c', event }, at: second(0) },
      ),
    ).toEqual([
      ['3', 'an agent process made them faster than the stream took them'],
      ['unknown', 'of a newer version'],
    ])
  })
})
