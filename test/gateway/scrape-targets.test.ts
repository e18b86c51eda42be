import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { ScrapeTargets } from '../../src/gateway/scrape-targets.ts'
import { anEvent } from '../support/events.ts'

/** A clock that a test moves, in seconds. */
function targetsAt(seconds = 0) {
  const clock = { seconds }
  return { clock, targets: new ScrapeTargets(() => clock.seconds * 1_000) }
}

interface Said {
  readonly at?: number
  readonly producer?: string
  readonly interval?: number
  readonly service?: string
  readonly fields?: Partial<AurenEvent>
}

function says(address: unknown, { at = 0, producer = 'one', interval = 30, service = 'lab', fields }: Said = {}) {
  return anEvent({
    event_type: 'heartbeat',
    trace_id: null,
    timestamp: new Date(at * 1_000).toISOString(),
    payload: { producer, interval_ms: interval * 1_000, metrics_address: address },
    metadata: { service },
    ...fields,
  })
}

const lab = { __meta_auren_service: 'lab' }

describe('the processes that Prometheus is to scrape', () => {
  it('are those whose heartbeats say where, by service and tenant', () => {
    const { targets } = targetsAt()
    targets.add(says('10.0.0.1:9464'))
    targets.add(says('[fd00::1]:9464', { producer: 'two' }))
    targets.add(says('agent_3.example:80', { producer: 'three', fields: { tenant_id: 'red' } }))
    expect(targets.list()).toEqual([
      { targets: ['10.0.0.1:9464', '[fd00::1]:9464'], labels: lab },
      { targets: ['agent_3.example:80'], labels: { ...lab, __meta_auren_tenant: 'red' } },
    ])
  })

  it('are listed for two and a half intervals after the last heartbeat', () => {
    const { clock, targets } = targetsAt()
    targets.add(says('a:1'))
    clock.seconds = 60
    targets.add(says('b:1', { at: 60, producer: 'two' }))
    clock.seconds = 75
    expect(targets.list()).toEqual([{ targets: ['a:1', 'b:1'], labels: lab }])
    clock.seconds = 76
    expect(targets.list()).toEqual([{ targets: ['b:1'], labels: lab }])
  })

  it('are not listed when the stream tells of them from long ago, nor longer for a clock that is ahead', () => {
    const { clock, targets } = targetsAt(1_000)
    targets.add(says('old:1', { at: 900 }))
    targets.add(says('ahead:1', { at: 5_000 }))
    expect(targets.list()).toEqual([{ targets: ['ahead:1'], labels: lab }])
    clock.seconds = 1_076
    expect(targets.list()).toEqual([])
  })

  it('end with their last word, which counts for the process that says it and no later one', () => {
    const { targets } = targetsAt()
    const lastWord = says('a:1', { interval: 0 })
    targets.add(says('a:1'))
    targets.add(lastWord)
    expect(targets.list()).toEqual([])
    targets.add(says('a:1', { producer: 'two', service: 'other' }))
    targets.add(lastWord)
    expect(targets.list()).toEqual([{ targets: ['a:1'], labels: { __meta_auren_service: 'other' } }])
  })

  it('stay while the stream cannot be read, and for as long after it as they had left', () => {
    const { clock, targets } = targetsAt()
    targets.add(says('gone:1'))
    clock.seconds = 50
    targets.add(says('a:1', { at: 50, producer: 'two' }))
    clock.seconds = 80
    targets.setDeaf(true)
    clock.seconds = 1_000
    targets.setDeaf(true)
    targets.setDeaf(false)
    expect(targets.list()).toEqual([{ targets: ['a:1'], labels: lab }])
    clock.seconds = 1_046
    expect(targets.list()).toEqual([])
  })

  it.each([
    ['a heartbeat of a run, which spans over OTLP can make', says('a:1', { fields: { trace_id: 'a'.repeat(32) } })],
    ['another event', says('a:1', { fields: { event_type: 'system_health' } })],
    ['one that names no process', says('a:1', { producer: '' })],
    ['a URL', says('http://a:1/metrics')],
    ['an address with a path', says('a:1/admin')],
    ['a host without a port', says('a')],
    ['no text', says({ host: 'a' })],
  ])('do not come from %s', (_name, event) => {
    const { targets } = targetsAt()
    targets.add(event)
    expect(targets.list()).toEqual([])
  })

  it('are 10,000 at the most: those that are known stay known', () => {
    const { clock, targets } = targetsAt()
    const at = (seconds: number, number: number) => says(`a:${number}`, { at: seconds, producer: String(number) })
    for (let number = 1; number <= 10_001; number += 1) targets.add(at(0, number))
    expect(targets.list()[0]?.targets).toHaveLength(10_000)
    clock.seconds = 70
    targets.add(at(70, 1))
    clock.seconds = 80
    targets.add(at(80, 10_001))
    expect(targets.list()).toEqual([{ targets: ['a:1', 'a:10001'], labels: lab }])
  })
})
