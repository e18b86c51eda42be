// A process of readers: `readers.ts <url> <how many>`.
import { tell } from '../gateway/messages.ts'
import type { Order, Tally } from '../gateway/messages.ts'
import { Reader } from './reader.ts'

const [url = '', count = '0'] = process.argv.slice(2)
const tally: Tally = {
  events: 0,
  announced: 0,
  unannounced: 0,
  repeated: 0,
  left: 0,
  stalled: 0,
  sentAway: 0,
  behind: 0,
}
const readers = Array.from({ length: Number(count) }, () => new Reader(new URL(url), tally))

/** Of all readers, those that do something in a second. */
const [leaving, stalling] = [1 / 30, 1 / 100]
/** Milliseconds for everybody to come back and catch up. */
const patienceMs = 90_000

const churn = setInterval(() => {
  for (const reader of readers) {
    const chance = Math.random()
    if (chance < leaving) reader.leave()
    else if (chance < leaving + stalling) reader.stall()
  }
}, 1_000)

process.on('disconnect', () => process.exit())
process.on('message', (order: Order) => {
  if (!('last' in order)) return
  clearInterval(churn)
  const deadline = performance.now() + patienceMs
  const look = setInterval(() => {
    tally.behind = readers.filter(({ last }) => last !== order.last).length
    if (tally.behind > 0 && performance.now() < deadline) return
    clearInterval(look)
    tell({ soak: tally })
  }, 100)
})
