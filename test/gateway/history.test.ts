import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { eventsAfter } from '../../src/gateway/events-after.ts'
import { Archive } from '../../src/gateway/feed/archive.ts'
import { formatCursor, parseCursor } from '../../src/gateway/feed/cursor.ts'
import { Holes } from '../../src/gateway/feed/holes.ts'
import { Repeats } from '../../src/gateway/feed/repeats.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'

interface Answer {
  readonly events: readonly AurenEvent[]
  readonly count: number
  readonly next?: string
  readonly before?: string
  readonly more?: boolean
  readonly truncated?: true
  readonly gap?: { readonly reason: string }
}

const ask = (url: string, query: string) =>
  fetch(`${url}/api/events?${query}`, { headers: { authorization: 'Bearer test' } })
const answer = async (url: string, query: string) => (await (await ask(url, query)).json()) as Answer
const idsOf = ({ events }: Answer) => events.map(({ event_id: id }) => id)
const numbered = (from: number, count: number, fields: Partial<AurenEvent> = {}) =>
  Array.from({ length: count }, (_, index) => anEvent({ event_id: `event-${from + index}`, ...fields }))

/** Everything a question finds, going on at the cursors of the answers. */
async function all(url: string, query: string, cursor: 'before' | 'next', start = ''): Promise<Answer[]> {
  const answers = [await answer(url, query + start)]
  for (let last = answers[0]; cursor === 'before' ? last?.before !== undefined : last?.more === true;) {
    const parameter = cursor === 'before' ? 'before' : 'after'
    last = await answer(url, `${query}&${parameter}=${encodeURIComponent(last?.[cursor] ?? '')}`)
    answers.push(last)
  }
  return answers
}

describe('GET /api/events', () => {
  it('finds what is of the agents, types, sessions, users and traces that are asked for, in both directions', async () => {
    const { url, stream } = await aGateway()
    const coach = { id: 'coach', role: 'Coach' }
    const telling = { event_id: 'lost', event_type: 'telemetry_gap', source_agent: null } as const
    await stream.append([
      anEvent({ event_id: 'agent', source_agent: coach }),
      anEvent({ event_id: 'target', target_agent: coach }),
      anEvent({ event_id: 'type', event_type: 'tool_usage' }),
      anEvent({ event_id: 'session', session_id: 'monday' }),
      anEvent({ event_id: 'user', user_id: 'ann' }),
      anEvent({ event_id: 'trace', trace_id: 'f'.repeat(32) }),
      anEvent({ event_id: 'both', user_id: 'ann', session_id: 'monday' }),
      anEvent(telling),
    ])
    const found: Readonly<Record<string, readonly string[]>> = {
      'agent=coach': ['agent', 'target', 'lost'],
      'type=tool_usage': ['type'],
      'type=tool_usage&type=telemetry_gap': ['type', 'lost'],
      'session=monday': ['session', 'both', 'lost'],
      'user=ann': ['user', 'both', 'lost'],
      'session=monday&user=ann': ['both', 'lost'],
      [`trace=${'f'.repeat(32)}`]: ['trace', 'lost'],
      'user=nobody&type=llm_call': [],
    }
    for (const [query, expected] of Object.entries(found)) {
      expect([query, idsOf(await answer(url, query)).reverse()]).toEqual([query, expected])
      expect([query, idsOf(await answer(url, `${query}&after=earliest`))]).toEqual([query, expected])
    }
  })

  it.each(['redis', 'sqlite'])('goes back to the beginning of the %s stream page by page', async (kind) => {
    const { url, stream } = await aGateway({ stream: kind === 'redis' ? (await startRedis()).url : temporaryLog() })
    for (let batch = 0; batch < 5; batch += 1) {
      await stream.append(numbered(batch * 20, 10))
      await stream.append(numbered(batch * 20 + 10, 10, { user_id: 'ann' }))
    }
    const answers = await all(url, 'limit=15&user=ann', 'before')
    expect(answers.map(({ count }) => count)).toEqual([15, 15, 15, 5])
    const expected = [...Array(100).keys()].filter((number) => number % 20 >= 10).map((number) => `event-${number}`)
    expect(answers.flatMap(idsOf).reverse()).toEqual(expected)
    // What comes behind the first answer is asked for by its other cursor, where the tail stood.
    await stream.append(numbered(100, 1, { user_id: 'ann' }))
    const next = encodeURIComponent(answers[0]?.next ?? '')
    expect(idsOf(await answer(url, `user=ann&after=${next}`)).at(-1)).toBe('event-100')
  })

  it('looks at 10,000 entries for one answer, and goes on where it ended', async () => {
    const { url, stream } = await aGateway()
    await stream.append(numbered(0, 1, { user_id: 'ann' }))
    for (let batch = 0; batch < 21; batch += 1) await stream.append(numbered(1, 500))
    const back = await all(url, 'user=ann', 'before')
    expect(back.map(({ count, truncated }) => [count, truncated])).toEqual([[0, true], [1, undefined]]) // prettier-ignore
    await stream.append(numbered(1_000, 1, { user_id: 'bob' }))
    const forth = await all(url, 'user=bob', 'next', '&after=earliest')
    expect(forth.map(({ count, more }) => [count, more])).toEqual([[0, true], [1, false]]) // prettier-ignore
  })

  it('announces what is trimmed while it looks, in front of what comes behind it', async () => {
    const redis = await startRedis()
    const { stream } = await aGateway({ stream: redis.url })
    const start = (await stream.info()).first
    for (let batch = 0; batch < 2; batch += 1) await stream.append(numbered(batch * 500, 500))
    // What is left each time that a page was asked for, as where much is written.
    const left = [300, 200, 100]
    const fleeting: Pick<EventStream, 'read'> = {
      read: (...asked) =>
        stream.read(...asked).finally(() => redis.client.xtrim('auren:events', 'MAXLEN', left.shift() ?? 100)),
    }
    const known = { window: { after: () => 0 }, repeats: new Repeats(1), holes: new Holes() }
    const archive = new Archive(fleeting, known)
    const view = { key: '', shows: () => true, sees: () => true }
    const told: unknown[] = []
    for (let [next, more] = [formatCursor(start), true]; more;) {
      const found = await eventsAfter(archive, { position: parseCursor(next, ''), limit: 1_000, view })
      told.push([found.gap?.missed, found.events[0]?.event_id, found.events.length])
      ;({ next, more } = found)
    }
    expect(told).toEqual([
      [undefined, 'event-0', 500],
      [300, undefined, 0],
      [100, 'event-900', 100],
    ])
  })

  it('says so when the stream of a cursor is gone, and refuses cursors that are none', async () => {
    const redis = await startRedis()
    const { url, stream } = await aGateway({ stream: redis.url })
    await stream.append(numbered(0, 2))
    const { before } = await answer(url, 'limit=1')
    await redis.client.flushall()
    await stream.append(numbered(2, 1))
    expect(await answer(url, `before=${encodeURIComponent(before ?? '')}`)).toMatchObject({
      events: [],
      gap: { reason: 'epoch_changed', requested: before },
    })
    const refused = await ask(url, 'before=s3cret')
    expect(refused.status).toBe(400)
    expect(await refused.text()).not.toContain('s3cret')
    expect((await ask(url, `after=earliest&before=${encodeURIComponent(before ?? '')}`)).status).toBe(400)
  })
})
