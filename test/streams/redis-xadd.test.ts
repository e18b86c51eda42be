import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toFieldList } from '../../src/events/field-list.ts'
import { RedisCommands } from '../../src/streams/redis-commands.ts'
import { Xadd } from '../../src/streams/redis-xadd.ts'
import { anEvent } from '../support/events.ts'

it('writes the fields of events of any text, with and without metrics, as XADD takes them', () => {
  const text = fc.string({ unit: 'binary' }).map((part) => part.toWellFormed())
  const metrics = { latency_ms: 1, token_cost: 0, memory_usage_mb: 1, cpu_percentage: 1, success: true }
  const event = fc
    .record({ user: fc.option(text), said: text, timed: fc.boolean() })
    .map(({ user, said, timed }) =>
      anEvent({ user_id: user, payload: { said }, ...(timed ? { performance_metrics: metrics } : {}) }),
    )
  fc.assert(
    fc.property(fc.array(event), (events) => {
      const [commands, expected] = [new RedisCommands(), new RedisCommands()]
      const xadd = new Xadd('läuft', 500)
      for (const one of events) {
        xadd.add(commands, one)
        expected.add('XADD', 'läuft', 'MAXLEN', '~', '500', '*', ...toFieldList(one))
      }
      expect(commands.bytes.toString()).toBe(expected.bytes.toString())
    }),
  )
})
