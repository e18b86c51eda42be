// Run as a process of its own: appends so many events, one at a time, each naming its writer and number.
import { openStream } from '../../src/streams/open-stream.ts'
import { AppendError } from '../../src/streams/event-stream.ts'
import { anEvent } from './events.ts'

const [url = '', writer = '', count = '1'] = process.argv.slice(2)
const stream = await openStream(url)
for (let number = 0; number < Number(count); number += 1) {
  const event = anEvent({ event_id: `${writer}-${number}`, payload: { writer, number } })
  for (;;) {
    try {
      await stream.append([event])
      break
    } catch (error) {
      if (!(error instanceof AppendError)) throw error
    }
  }
}
await stream.close()
