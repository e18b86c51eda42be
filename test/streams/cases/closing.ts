import { expect } from 'vitest'
import { events, idsOf } from './opened-stream.ts'
import type { Check } from './opened-stream.ts'

export function closingCases(check: Check): void {
  check('ends waiting reads when it is closed, and refuses later calls', async ({ stream }) => {
    const { last } = await stream.info()
    const waiting = stream.read(last, { waitMs: 60_000 })
    await stream.close()
    expect(await waiting.catch((error: unknown) => error)).toSatisfy(
      (end: object) => ('code' in end && end.code === 'AUREN_STREAM_CLOSED') || idsOf(end as never).length === 0,
    )
    const calls = [stream.append(events('1')), stream.read(last), stream.recent(1), stream.info()]
    await Promise.all(
      calls.map((call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'AUREN_STREAM_CLOSED' })),
    )
    await stream.close()
  })

  check('answers every call that is under way when it is closed', async ({ stream, another }) => {
    const { last } = await (await another()).info()
    const calls = [stream.read(last), stream.read(last, { waitMs: 60_000 }), stream.recent(1), stream.info()]
    const answers = calls.map((call: Promise<unknown>) =>
      call.catch((error: unknown) => expect(error).toMatchObject({ code: 'AUREN_STREAM_CLOSED' })),
    )
    await Promise.all([stream.close(), stream.close()])
    await Promise.all(answers)
  })

  check('finishes the appends that are under way when it is closed', async ({ stream, another }) => {
    const appending = [stream.append(events('1')), stream.append(events('2'))]
    await stream.close()
    await Promise.all(appending)
    const again = await another()
    expect(idsOf(await again.read((await again.info()).first))).toEqual(['1', '2'])
  })
}
