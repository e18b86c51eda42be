import { describe, expect, it } from 'vitest'
import { openStream } from '../../../src/streams/open-stream.ts'
import type { PerformanceSummary } from '../../../src/protocol/summary.ts'
import { anEvent } from '../../support/events.ts'
import { aGateway } from '../../support/gateway.ts'
import { temporaryLog } from '../../support/processes.ts'

/** So many events of one moment. */
function secondsAgo(seconds: number, count: number) {
  const timestamp = new Date(Date.now() - seconds * 1_000).toISOString()
  const performance_metrics = { latency_ms: 1, token_cost: 0, memory_usage_mb: 1, cpu_percentage: 1, success: true }
  return Array.from({ length: count }, () => anEvent({ timestamp, performance_metrics }))
}

/** How many seconds ago the window of a gateway begins that is started now, and how much it counts. */
async function windowOf(stream: string) {
  const { url } = await aGateway({ stream })
  const answer = await fetch(`${url}/api/summary`, { headers: { authorization: 'Bearer test' } })
  const { timestamp, window_start: from, agents } = (await answer.json()) as PerformanceSummary['data']
  const seconds = (Date.parse(timestamp) - Date.parse(from)) / 1_000
  return { seconds, operations: agents['neuroscientist']?.total_operations }
}

describe('the summary of a gateway that is started later', () => {
  it('covers five minutes where the stream has them, and no more than it has where it lost older events', async () => {
    const [whole, full] = [temporaryLog(), `${temporaryLog()}?maxlen=100`]
    for (const address of [whole, full]) {
      const stream = await openStream(address)
      for (const events of [secondsAgo(200, 100), secondsAgo(60, 1), secondsAgo(30, 99)]) await stream.append(events)
      await stream.close()
    }
    const [known, rest] = [await windowOf(whole), await windowOf(full)]
    expect(known.seconds).toBeGreaterThan(280)
    expect(known.operations).toBe(200)
    expect(rest.seconds).toBeLessThan(70)
    // What fills the first slice in part is left out, unless it stands at its very beginning.
    expect([99, 100]).toContain(rest.operations)
  })
})
