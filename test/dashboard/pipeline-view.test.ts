import { describe, expect, it } from 'vitest'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { startGateway } from '../../src/gateway/server.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { expectAccessible, expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { freePort } from '../support/free-port.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { signIn } from '../support/ws-client.ts'

describe('the view of the pipeline', () => {
  it('says what the gateway says, and that nothing is missing while nothing is', async () => {
    const { url, stream } = await aGateway()
    // Counted at once, and the page itself may be.
    await signIn(url)
    const page = await aTab()
    await page.goto(`${url}/#/pipeline?token=test`)
    await page.getByRole('heading', { name: 'The gateway Ready' }).waitFor()
    await page.getByRole('heading', { name: 'This page Live' }).waitFor()
    await page.getByText('Nothing is known to be missing').waitFor()
    await page.getByText('none yet').waitFor()
    await page.getByText(/^[12]$/).waitFor()
    await expectAccessible(page, 'a quiet pipeline')
    await stream.append([anEvent({ timestamp: toTimestamp(Date.now()) })])
    await page.getByText('none yet').waitFor({ state: 'detached' })
  })

  it('lists what is missing, where on the way and why, newest first', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, heartbeatMs: 1_000 })
    const payload = { dropped: 42, reason: 'queue_full', producer: 'p' }
    await stream.append([anEvent({ event_type: 'telemetry_gap', source_agent: null, payload })])
    const page = await aTab()
    await page.goto(`${url}/#/pipeline?token=${await aToken({ permissions: ['all'], max_events_per_minute: 3 })}`)
    await page.getByRole('row', { name: /42 an agent process made them faster .* at an agent/ }).waitFor()
    await page.getByText('3 events/min').waitFor()
    await stream.append(Array.from({ length: 10 }, () => anEvent()))
    await page.getByRole('row', { name: /7 the token allows no more events a minute at the gateway/ }).waitFor()
    const rows = await page.getByRole('row').allInnerTexts()
    expect(rows[1]).toContain('at the gateway')
    await expectAccessibleInBothSchemes(page, 'losses')
  })

  it('tells of a lost connection, for how long, and that nothing is missing for it', async () => {
    const [port, stream] = [await freePort(), temporaryLog()]
    const options = { port, stream, logLevel: 'silent', drainMs: 100 }
    await (await openStream(stream)).close()
    const first = await startGateway(options)
    const page = await aTab()
    page.setDefaultTimeout(50_000)
    await page.goto(`${first.url}/#/pipeline?token=test`)
    await page.getByRole('heading', { name: 'This page Live' }).waitFor()
    await first.close()
    await page.getByRole('heading', { name: 'This page Reconnecting' }).waitFor()
    await page.getByRole('heading', { name: 'The gateway No answer' }).waitFor()
    const second = await startGateway(options)
    await page.getByRole('row', { name: /none .*; back after .* connection/ }).waitFor()
    await page.getByRole('heading', { name: 'The gateway Ready' }).waitFor()
    await second.close()
  })
})
