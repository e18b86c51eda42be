import { describe, expect, it } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { processGone } from '../../src/exporters/process-gone.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { aGateway } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { heartbeat, stepEvents, zero } from '../support/run-events.ts'
import { until } from '../support/until.ts'

const [quiet, stale] = ['a'.repeat(32), 'b'.repeat(32)]

/** A run that began two minutes ago, with an open tool, whose process was last heard so many seconds ago. */
function openRun(trace: string, heardSecondsAgo: number): AurenEvent[] {
  const begin = Date.now() - 120_000
  const moved = (time: unknown) => toTimestamp(Date.parse(String(time)) - zero + begin)
  const events = [
    ...stepEvents({ id: 1, kind: 'agent', agent: 'lead', from: 0 }),
    ...stepEvents({ id: 2, kind: 'tool', parent: 1, agent: 'lead', from: 1, name: 'search' }),
    heartbeat(120 - heardSecondsAgo, [1, 2]),
  ]
  return events.map((event) => ({
    ...event,
    event_id: `${trace}-${event.event_id}`,
    trace_id: trace,
    timestamp: moved(event.timestamp),
    metadata: Object.fromEntries(Object.entries(event.metadata).map(([name, time]) => [name, moved(time)])),
  }))
}

describe('a run that is not over', () => {
  it('is called quiet, stale and crashed as it is known, and ticks only while its process lives', async () => {
    const log = temporaryLog()
    const before = await openStream(log)
    await before.append([...openRun(quiet, 0), ...openRun(stale, 60)])
    await before.close()
    // Read back by the gateway, so that they are as old as they say.
    const { url, stream } = await aGateway({ stream: log })
    const page = await aTab()
    await page.goto(`${url}/#/runs?token=test`)
    const rows = page.getByRole('list', { name: 'Runs' }).getByRole('link')
    await rows.filter({ hasText: 'quiet' }).waitFor()
    await rows.filter({ hasText: 'stale' }).waitFor()
    await expectAccessibleInBothSchemes(page, 'runs that are quiet and stale')

    const took = page.getByRole('treeitem').first().locator('time')
    const notes = page.getByRole('list', { name: 'What to know' })
    await page.goto(`${url}/#/runs?run=${quiet}`)
    await notes.getByText('Nothing has happened for 30 s or more. Its process lives.').waitFor()
    const first = await took.innerText()
    await until('it ticks', async () => (await took.innerText()) !== first)

    await page.goto(`${url}/#/runs?run=${stale}`)
    await notes.getByText('Its process was not heard in time: nobody knows whether it goes on.').waitFor()
    expect(await page.locator('.run-bar[data-status="lost"]').count()).toBe(2)
    expect(await took.count()).toBe(0)

    const run = { trace_id: stale, session_id: null, source_agent: null, tenant_id: null, user_id: null }
    await stream.append([processGone(run, '7-abc', Date.now())])
    await notes.getByText('Its process is gone: what was open will never end.').waitFor()
    await page.getByRole('treeitem').filter({ hasText: 'search' }).getByText('never ended').waitFor()
    await expectAccessibleInBothSchemes(page, 'a crashed run')
    await page.keyboard.press('Escape')
    await rows.filter({ hasText: 'crashed' }).waitFor()
  })

  it('grows in steps of a second for who wants less motion, and smoothly for others', async () => {
    const { url, stream } = await aGateway()
    const timestamp = toTimestamp(Date.now())
    const [started] = openRun(quiet, 0)
    if (started !== undefined) await stream.append([{ ...started, timestamp, metadata: { start_time: timestamp } }])
    const page = await aTab()
    const moving = () =>
      page.evaluate<number>('document.getAnimations().filter(({ playState }) => playState === "running").length')
    const bar = page.locator('.run-bar')
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.goto(`${url}/#/runs?token=test&run=${quiet}`)
    await bar.waitFor()
    const lengths = new Set<number>()
    await until('it gets longer', async () => lengths.add((await bar.boundingBox())?.width ?? 0).size > 2)
    expect(await moving()).toBe(0)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    await page.reload()
    await until('it moves', async () => (await moving()) > 0)
  })
})
