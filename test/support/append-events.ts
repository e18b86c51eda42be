// Run as a process of its own: appends so many events, one at a time, of each of several writers, which do not wait for each
// other. Each event names its writer and number.
import { openStream } from '../../src/streams/open-stream.ts'
import { AppendError } from '../../src/streams/event-stream.ts'
import { anEvent } from './events.ts'

const [url = '', writers = '', count = '1'] = process.argv.slice(2)
await Promise.all(writers.split(',').map(write))

async function write(writer: string): Promise<void> {
  const stream = await openStream(url)
  for (let number = 0; number < Number(count); number += 1) {
    const event = anEvent({ event_id: `${writer}-${number}`, payload: { writer, number } })
    while (!(await isStored(stream.append([event]))));
  }
  await stream.close()
}

async function isStored(append: Promise<unknown>): Promise<boolean> {
  try {
    await append
    return true
  } catch (error) {
    if (error instanceof AppendError) return false
    throw error
  }
}
