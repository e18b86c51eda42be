import { describe, expect, it } from 'vitest'
import { machine } from '../../../src/exporters/machine.ts'
import { goneProducer } from '../../../src/exporters/process-gone.ts'
import { ProcessWatch } from '../../../src/gateway/runs/process-watch.ts'
import { openStream } from '../../../src/streams/open-stream.ts'
import { temporaryLog } from '../../support/processes.ts'
import { bookAt } from '../../support/run-book.ts'
import { heartbeat, stepEvents } from '../../support/run-events.ts'

describe('a process that is not heard any more', () => {
  it.each<[string, object, boolean, number]>([
    ['said to be gone once where it is missing here', { machine }, false, 1],
    ['not said to be gone while it exists', { machine }, true, 0],
    ['not looked for when it is of another machine', { machine: 'elsewhere' }, false, 0],
    ['not looked for when nobody knows where it is', {}, false, 0],
  ])('is %s', async (_name, payload, isAlive, times) => {
    const stream = await openStream(temporaryLog())
    const open = stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 })
    const { book, run } = bookAt(60, [...open, heartbeat(20, [1], { ...payload })])
    const watch = new ProcessWatch(book, stream, () => isAlive)
    await watch.look()
    await watch.look()
    const told = (await stream.recent(10)).map(({ event }) => event)
    await stream.close()
    expect(told.map(goneProducer)).toEqual(Array.from({ length: times }, () => '7-abc'))
    for (const event of told) book.add(event)
    expect(run().status).toBe(times > 0 ? 'crashed' : 'stale')
  })
})
