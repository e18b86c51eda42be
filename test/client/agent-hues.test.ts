import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgentHues } from '../../src/client/agent-hues.ts'

const count = 8
const agents = fc.uniqueArray(fc.string(), { maxLength: 20 })

describe('the colours of agents', () => {
  it('are one for each of the first, whatever they are called, and known ones for the others', () => {
    fc.assert(
      fc.property(agents, (ids) => {
        const hues = new AgentHues(count)
        const given = ids.map((id) => hues.of(id))
        expect(new Set(given.slice(0, count)).size).toBe(Math.min(count, ids.length))
        expect(given.every((hue) => Number.isInteger(hue) && hue >= 0 && hue < count)).toBe(true)
      }),
    )
  })

  it('stay while others come, and are the same when the owners are asked for again', () => {
    fc.assert(
      fc.property(agents, (ids) => {
        const [before, after] = [new AgentHues(count), new AgentHues(count)]
        const given = ids.map((id) => before.of(id))
        for (const id of before.owners) after.of(id)
        expect(ids.map((id) => before.of(id))).toEqual(given)
        expect(ids.toReversed().map((id) => after.of(id))).toEqual(given.toReversed())
      }),
    )
  })
})
