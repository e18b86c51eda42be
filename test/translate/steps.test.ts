import { expect, it } from 'vitest'
import type { SpanRecord } from '../../src/translate/span-record.ts'
import { handoff } from '../../src/translate/steps.ts'

it('says of a hand-off to whom it goes and that it is one', () => {
  const span = { attributes: {}, events: [], status: 'unset' } as unknown as SpanRecord
  expect(handoff(span, 'coach')).toMatchObject({
    finishedType: 'agent_collaboration',
    target: { id: 'coach', role: 'coach' },
    payload: { collaborating_agents: ['coach'], collaboration_type: 'handoff', success: true },
  })
})
