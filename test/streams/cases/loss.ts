import { expect } from 'vitest'
import { events, idsOf, lost, numbered, patientRead } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

export function lossCases(check: Check): void {
  check('says how many events were trimmed before they were read', async ({ stream, trim }) => {
    const position = await stream.append(events('0'))
    await stream.append(events('1', '2', '3', '4'))
    await trim(2)
    const error = await lost(stream.read(position))
    expect(error).toMatchObject({ reason: 'trimmed', missed: 2 })
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['3', '4'])
  })

  check('says how many events were lost when all were trimmed', async ({ stream, trim }) => {
    const { last: position } = await stream.info()
    await stream.append(events('1', '2', '3'))
    await trim(0)
    const error = await lost(stream.read(position))
    expect(error).toMatchObject({ reason: 'trimmed', missed: 3 })
    await stream.append(events('4'))
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['4'])
  })

  check('reports nothing lost when only what was read has been trimmed', async ({ stream, trim }) => {
    const position = await stream.append(events('1', '2', '3'))
    await trim(0)
    expect(idsOf(await stream.read(position))).toEqual([])
    await stream.append(events('4'))
    expect(idsOf(await stream.read(position))).toEqual(['4'])
  })

  check('says that a recreated stream is another one', async ({ stream, destroy, another }) => {
    const position = await stream.append(events('1', '2'))
    await destroy()
    await (await another()).append(events('3'))
    const error = await lost(patientRead(stream, position))
    expect(error).toMatchObject({ reason: 'epoch_changed', missed: null })
    expect(idsOf(await stream.read(error.firstAvailable))).toEqual(['3'])
  })

  check('says so even when the new stream has become longer than the old one', async ({ stream, destroy }) => {
    const position = await stream.append(events('1', '2'))
    await destroy()
    await stream.append(events(...numbered(10)))
    expect((await lost(patientRead(stream, position))).reason).toBe('epoch_changed')
  })

  check('stores an append once when the stream was deleted before it', async ({ stream, destroy }) => {
    await stream.append(events('1'))
    await destroy()
    await stream.append(events('2', '3'))
    expect(idsOf(await stream.read((await stream.info()).first))).toEqual(['2', '3'])
  })

  check('tells a waiting read that the stream was recreated', async ({ stream, destroy, another }) => {
    const position = await stream.append(events('1'))
    const waiting = lost(stream.read(position, { waitMs: 60_000 }))
    await destroy()
    await (await another()).append(events('2'))
    expect((await waiting).reason).toBe('epoch_changed')
  })

  check('tells it also when the same instance makes the stream anew', async ({ stream, destroy }) => {
    const position = await stream.append(events('1'))
    const waiting = lost(stream.read(position, { waitMs: 60_000 }))
    await destroy()
    await stream.append(events('2'))
    expect((await waiting).reason).toBe('epoch_changed')
  })

  check('refuses a position of the future instead of waiting there for ever', async ({ stream, futureId }) => {
    const last = await stream.append(events('1'))
    const error = await lost(stream.read({ epoch: last.epoch, id: futureId }, { waitMs: 60_000 }))
    expect(error).toMatchObject({ reason: 'future_cursor', firstAvailable: last, missed: null })
  })
}
