import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RedisCommands } from '../../src/streams/redis-commands.ts'

it('writes each part with its length in bytes, whatever the text and however long', () => {
  const text = fc.tuple(fc.string({ unit: 'binary' }), fc.nat(500)).map(([part, times]) => part.repeat(times))
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 1 }), { maxLength: 3 }), (all) => {
      const commands = new RedisCommands()
      for (const parts of all) commands.add(...parts)
      const bytes = (part: string) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`
      const expected = all.map((parts) => `*${parts.length}\r\n${parts.map(bytes).join('')}`).join('')
      expect(commands.bytes.equals(Buffer.from(expected))).toBe(true)
    }),
  )
})
