import { describe, expect, it } from 'vitest'
import { foldConnection, notConnected } from '../../src/dashboard/state/connection.ts'
import type { Input } from '../../src/dashboard/state/input.ts'
import { FrameStore } from '../../src/dashboard/state/frame-store.ts'
import { formatRoute, parseRoute, splitToken } from '../../src/dashboard/state/route.ts'
import type { ServerMessage } from '../../src/protocol/server-messages.ts'
import { anEvent } from '../support/events.ts'

const said = (message: ServerMessage, at = 0): Input => ({ type: 'message', message, at })
const client = (state: Extract<Input, { type: 'client' }>['state'], reason?: string, at = 0): Input => ({
  type: 'client',
  state,
  reason,
  at,
})
const after = (...inputs: Input[]) => inputs.reduce(foldConnection, notConnected)

describe('how the page stands to the gateway', () => {
  it('is what the client says, with the reason, since when it began', () => {
    expect(after(client('catching_up', undefined, 5)).phase).toBe('catching_up')
    const lost = after(
      client('live', undefined, 7),
      client('reconnecting', 'no answer', 9),
      client('reconnecting', 'capacity', 12),
    )
    expect(lost).toMatchObject({ phase: 'reconnecting', reason: 'capacity', since: 9 })
    expect(after(client('closed', 'token_revoked'))).toMatchObject({ phase: 'signed_out', reason: 'token_revoked' })
  })

  it('lags while more than 200 events wait at the gateway, and not while it catches up', () => {
    const behind = after(client('live'), said({ type: 'pong', lag: 201 }))
    expect(behind).toMatchObject({ phase: 'lagging', lag: 201 })
    expect(foldConnection(behind, said({ type: 'pong', lag: 200 })).phase).toBe('live')
    expect(after(client('catching_up'), said({ type: 'pong', lag: 9_000 })).phase).toBe('catching_up')
  })

  it('adds up what is missing until somebody has read it; with one unknown number the sum is unknown', () => {
    const gap = (missed: number | null) => said({ type: 'gap', reason: 'trimmed', missed })
    expect(after(gap(3), gap(4)).missing).toEqual({ count: 7, reason: 'trimmed' })
    expect(after(gap(3), gap(null), gap(4)).missing).toEqual({ count: undefined, reason: 'trimmed' })
    expect(after(gap(3), { type: 'gap_read' }).missing).toBeUndefined()
  })

  it('warns of the end of a token until a longer one was taken', () => {
    const soon = '2026-11-21T04:31:00.000+00:00'
    const warned = after(said({ type: 'token_expiring', expires_at: soon }))
    expect(warned.tokenEndsAt).toBe(Date.parse(soon))
    expect(foldConnection(warned, said({ type: 'refreshed', expires_at: soon })).tokenEndsAt).toBe(Date.parse(soon))
    const later = said({ type: 'refreshed', expires_at: '2026-11-21T05:31:00.000+00:00' })
    expect(foldConnection(warned, later).tokenEndsAt).toBeUndefined()
  })
})

describe('the store', () => {
  it('folds what came between two frames at once, and tells it once', () => {
    let frame: (() => void) | undefined
    let frames = 0
    const store = new FrameStore((run) => {
      frame = run
      frames += 1
      return () => (frame = undefined)
    })
    let told = 0
    store.subscribe(() => (told += 1))
    for (let count = 0; count < 50; count += 1) store.add(said({ type: 'stream_event', id: 'c', event: anEvent() }))
    expect([frames, told, store.state.log.received]).toEqual([1, 0, 0])
    frame?.()
    expect([frames, told, store.state.log.received]).toEqual([1, 1, 50])
  })

  it('does not let more than 5,000 inputs wait for a frame that does not come', () => {
    const store = new FrameStore(() => () => undefined)
    for (let count = 0; count < 5_000; count += 1) store.add(said({ type: 'stream_event', id: 'c', event: anEvent() }))
    expect(store.state.log.received).toBe(5_000)
  })
})

describe('the address of the page', () => {
  it('names a view and what is chosen in it', () => {
    const route = parseRoute('#/feed?agent=coach&text=a%3Fb')
    expect([route.view, route.query.get('agent'), route.query.get('text')]).toEqual(['feed', 'coach', 'a?b'])
    expect(parseRoute(formatRoute(route))).toEqual(route)
    expect(parseRoute('').view).toBe('')
  })

  it.each([
    ['#token=t0', 't0', '#/'],
    ['#/feed?agent=coach&token=t0', 't0', '#/feed?agent=coach'],
    ['#/feed?agent=coach', undefined, '#/feed?agent=coach'],
    ['', undefined, '#/'],
  ])('loses the token of %s', (given, token, hash) => {
    expect(splitToken(given)).toEqual({ token, hash })
  })
})
