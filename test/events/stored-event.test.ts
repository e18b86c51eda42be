import fc from 'fast-check'
import { Compile } from 'typebox/compile'
import { expect, it } from 'vitest'
import { StoredEvent } from '../../src/events/event-schema.ts'
import { checkStored } from '../../src/events/stored-event.ts'
import { anEvent } from '../support/events.ts'

const schema = Compile(StoredEvent)
const valid = { ...anEvent(), performance_metrics: { latency_ms: 1 } }
const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', 'text', 'Text', 'a'.repeat(64), 'a'.repeat(65), '1', 0, true, [], {}),
  fc.anything(),
)

it('accepts exactly what the schema accepts, whichever field is changed or missing', () => {
  const changed = fc
    .tuple(fc.constantFrom(...Object.keys(valid)), fc.oneof(fc.constant('left out'), anything))
    .map(([key, value]) => {
      const { [key as keyof typeof valid]: _, ...others } = valid
      return value === 'left out' ? others : { ...others, [key]: value }
    })
  fc.assert(
    fc.property(fc.oneof(changed, anything), (value) => {
      expect(checkStored(value).ok).toBe(schema.Check(value))
    }),
    { numRuns: 2_000 },
  )
})
