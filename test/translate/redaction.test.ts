import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromFieldList, toFieldList } from '../../src/events/field-list.ts'
import { redact, limits } from '../../src/translate/redaction.ts'
import { SpanTranslator } from '../../src/translate/span-to-events.ts'
import type { TranslatorOptions } from '../../src/translate/span-to-events.ts'
import { aSpan } from '../support/spans.ts'

const key = `sk-${'Ab3d'.repeat(6)}`
const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'lookup' }

function only(attributes: Record<string, unknown>, options: Partial<TranslatorOptions> = {}, more = {}) {
  const translator = new SpanTranslator({ captureContent: true, tenantId: null, ...options })
  return translator.ended(aSpan({ ...tool, ...attributes }, more))[0]
}

const json = (value: unknown) => JSON.stringify(value)

describe('the text of an event', () => {
  it.each([false, true])('holds no secret wherever a span may put one (content captured: %s)', (captureContent) => {
    const event = only(
      {
        'gen_ai.tool.name': `lookup ${key}`,
        'gen_ai.tool.call.id': key,
        'gen_ai.tool.call.arguments': {
          url: 'postgres://ann:hunter2@db',
          list: [key],
          [key]: 1,
          password: 'hunter2hunter2',
        },
        'gen_ai.tool.call.result': `mail ann@example.org`,
        'gen_ai.agent.name': 'coach',
        'gen_ai.agent.description': `knows ${key}`,
        'error.type': `Error-${key}`,
      },
      { captureContent },
      {
        name: `execute_tool ${key}`,
        status: 'error',
        statusMessage: `401 for ${key}`,
        resource: { 'service.name': `lab ${key}` },
      },
    )
    expect(json(event)).not.toMatch(/Ab3d|hunter2|ann@example/)
    expect(event).toMatchObject({ source_agent: { id: 'coach' }, metadata: { span_name: 'execute_tool [key]' } })
  })

  it('leaves the ids alone by which readers are let in', () => {
    const ids = {
      'user.id': 'ann@example.org',
      'gen_ai.conversation.id': '+49 151 2345678',
      'gen_ai.agent.id': 'a@b.org',
    }
    const event = only(ids)
    expect([event?.user_id, event?.session_id, event?.source_agent?.id]).toEqual(Object.values(ids))
  })

  it('takes a sentence in the place of an error type for the message it is', () => {
    const failed = { status: 'error' } as const
    expect(only({ 'error.type': 'The prompt "I feel weak" was refused' }, {}, failed)?.payload['error_type']).toBe(
      '_OTHER',
    )
    expect(only({ 'error.type': 'TimeoutError' }, {}, failed)?.payload['error_type']).toBe('TimeoutError')
  })

  it('passes through the hook of the user after secrets are masked, ids apart', () => {
    const seen: [string, string][] = []
    const hook = (text: string, name: string) => {
      seen.push([name, text])
      return text.replaceAll('Lee', 'L.')
    }
    const event = only(
      { 'gen_ai.tool.call.arguments': { who: { name: 'Ann Lee' }, with: key }, 'user.id': 'Lee' },
      { redact: hook },
    )
    expect(event).toMatchObject({ user_id: 'Lee', payload: { arguments: { who: { name: 'Ann L.' }, with: '[key]' } } })
    expect(seen).toContainEqual(['with', '[key]'])
    expect(seen).toContainEqual(['span_name', 'span'])
  })

  it('is left out where the hook fails, and the event goes on and says where', () => {
    const redactText = (text: string, name: string) => (name === 'result' ? undefined : text)
    const event = only({ 'gen_ai.tool.call.result': 'secret plan' }, { redact: redactText })
    expect(event?.payload).toMatchObject({ tool_name: 'lookup', success: true })
    expect(event?.payload).not.toHaveProperty('result')
    expect(event?.metadata['redaction_failed']).toEqual(['result'])
  })
})

describe('the size of an event', () => {
  it('is bounded for a text, which says how long it was', () => {
    const event = only({ 'gen_ai.tool.call.result': 'x'.repeat(10_000_000) })
    const result = String(event?.payload['result'])
    expect(result).toHaveLength(limits.text + '… [of 10000000 characters]'.length)
    expect(event?.metadata['truncated']).toEqual(['result'])
  })

  it('is bounded for lists, objects, nesting and the whole, and each place is named', () => {
    const deep = (depth: number): unknown => (depth === 0 ? 'end' : { in: deep(depth - 1) })
    const { value, truncated } = redact({
      rows: Array.from({ length: 1_000 }, (_, i) => i),
      map: Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, i])),
      deep: deep(20),
      texts: Array.from({ length: 40 }, () => 'y'.repeat(20_000)),
    })
    expect(value['rows']).toHaveLength(limits.entries + 1)
    expect((value['rows'] as unknown[]).at(-1)).toBe('[744 more]')
    expect(Object.keys(value['map'] as object)).toHaveLength(limits.entries)
    expect(json(value['deep'])).toContain('[nested]')
    expect(Buffer.byteLength(json(value))).toBeLessThan(limits.bytes * 1.1)
    expect(truncated).toEqual(expect.arrayContaining(['rows', 'map', 'texts']))
    expect(truncated.some((place) => place.startsWith('deep.in'))).toBe(true)
  })

  it('does not leave the start of a secret where a text is cut', () => {
    for (let before = limits.text - 40; before <= limits.text; before += 1) {
      const { value } = redact({ text: `${'x '.repeat(before / 2)}${key} ${'y '.repeat(9_000)}` })
      expect(value['text']).not.toContain('sk-A')
    }
  })
})

describe('what JSON cannot hold', () => {
  it('becomes something readable', () => {
    const cycle: Record<string, unknown> = { name: 'loop' }
    cycle['self'] = cycle
    const hostile = Object.defineProperty({}, 'trap', { enumerable: true, get: () => { throw new Error('no') } }) // prettier-ignore
    const { value } = redact({
      big: 12n,
      huge: 2n ** 80n,
      none: Number.NaN,
      bytes: new Uint8Array(10_000_000),
      half: 'a\uD800b\0c',
      call: () => 1,
      hostile,
      cycle,
    })
    expect(value).toMatchObject({
      big: 12,
      huge: String(2n ** 80n),
      bytes: '[10000000 bytes]',
      half: 'a\uFFFDb\uFFFDc',
    })
    expect(value).toMatchObject({ hostile: '[unreadable]' })
    expect(value).not.toHaveProperty('none')
    expect(value).not.toHaveProperty('call')
    expect(json(value['cycle'])).toContain('[nested]')
  })

  it('never keeps an event from being stored and read, whatever a span holds', () => {
    const values = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withTypedArray: true,
      withNullPrototype: true,
    })
    const text = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(values, text, text, (value, name, id) => {
        const event = only(
          { 'gen_ai.tool.call.arguments': value, 'gen_ai.tool.name': name, 'user.id': id, 'gen_ai.agent.name': name },
          {},
          { name },
        )
        if (event === undefined) return
        const read = fromFieldList(toFieldList(event))
        expect(read).toEqual({
          ok: true,
          event: JSON.parse(json({ ...event, user_id: event.user_id || null })) as unknown,
        })
        expect(json(event).isWellFormed()).toBe(true)
      }),
      { numRuns: 100 },
    )
  })
})
