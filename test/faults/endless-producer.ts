// Run as a process of its own: writes events for ever, and prints the id of each once the writer has it.
import { randomBytes } from 'node:crypto'
import { EventWriter } from '../../src/exporters/event-writer.ts'
import { Spool } from '../../src/exporters/spool.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'

const [url = '', folder = '', padding = '0'] = process.argv.slice(2)
const writer = new EventWriter({
  open: () => openStream(url),
  spool: new Spool({ folder }),
  spoolAfterMs: 20,
  minRetryMs: 5,
  maxRetryMs: 50,
  onStateChange: (state) => console.error(state),
})
setInterval(() => {
  for (let i = 0; i < 10; i += 1) {
    const event = anEvent({ payload: { padding: randomBytes(Number(padding)).toString('base64') } })
    writer.write([event])
    console.log(event.event_id)
  }
}, 5)
