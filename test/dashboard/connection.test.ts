import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { startGateway } from '../../src/gateway/server.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { expectAccessible } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { freePort } from '../support/free-port.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { temporaryLog } from '../support/processes.ts'
import { startRedis } from '../support/redis-server.ts'
import { until } from '../support/until.ts'

const now = () => Math.floor(Date.now() / 1_000)
const phase = (page: Page, words: string | RegExp) =>
  page.getByRole('status').getByText(words).waitFor({ state: 'attached' })

/** Events that say their number, so that each is known again. */
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => anEvent({ payload: { model: `model-${from + index}.` } }))

/** The numbers in the feed, oldest first: the list draws all of so few rows. */
async function shown(page: Page): Promise<number[]> {
  const rows = await page.getByRole('listbox').getByRole('option').allInnerTexts()
  return rows.flatMap((text) => /model-(\d+)\./.exec(text)?.slice(1).map(Number) ?? []).sort((a, b) => a - b)
}

describe('how the page stands to the gateway', () => {
  it('is said while the gateway is away, and nothing is lost or doubled when it is back', async () => {
    const { url: stream } = await startRedis()
    const [port, log] = [await freePort(), await openStream(stream)]
    const options = { port, stream, logLevel: 'silent', drainMs: 100 }
    const first = await startGateway(options)
    await log.append(numbered(0, 5))
    const page = await aTab({ viewport: { width: 1440, height: 1_400 } })
    page.setDefaultTimeout(50_000)
    await page.goto(`${first.url}/#/feed?token=test`)
    await phase(page, 'Live')
    await log.append(numbered(5, 10))
    await first.close()
    await page.getByText('The gateway does not answer').first().waitFor()
    await expectAccessible(page, 'a gateway that is gone')
    await log.append(numbered(10, 15))
    const second = await startGateway(options)
    await phase(page, 'Live')
    await log.append(numbered(15, 20))
    const expected = Array.from({ length: 20 }, (_, number) => number)
    await until('all events are shown', async () => (await shown(page)).length >= 20)
    expect(await shown(page)).toEqual(expected)
    await second.close()
    await log.close()
  })

  it('is tried again when there is no gateway yet, and goes on when it comes', async () => {
    const { url } = await aGateway()
    const page = await aTab()
    await page.goto(url)
    const token = page.getByLabel('Token')
    await page.route('**/api/events?*', (route) => route.abort())
    await token.fill('test')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('The gateway does not answer').first().waitFor()
    await page.unroute('**/api/events?*')
    await page.getByText('No events yet').waitFor()
    await phase(page, 'Live')
  })

  it('asks for a token, says why one is refused, and takes another', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const page = await aTab()
    await page.goto(url)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await expectAccessible(page, 'signed out')
    await page.getByLabel('Token').fill('nonsense')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The token was refused').waitFor()
    await page.reload()
    await page.getByLabel('Token').fill(await aToken())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await phase(page, 'Live')
    await page.getByText('The gateway is ready').waitFor()
  })

  it('says how many events are missing and why, also where they are missing, until somebody has read it', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret, heartbeatMs: 1_000 })
    const page = await aTab()
    await page.goto(`${url}/#/feed?token=${await aToken({ permissions: ['all'], max_events_per_minute: 3 })}`)
    await phase(page, 'Live')
    await stream.append(numbered(0, 10))
    const sentence = '7 events are missing here: the token allows no more events a minute.'
    const notice = page.getByRole('alert').getByText(sentence)
    await notice.waitFor()
    await page.getByRole('listbox').getByRole('option').getByText(sentence).waitFor()
    await expectAccessible(page, 'a gap')
    await page.getByRole('button', { name: 'Understood' }).click()
    await notice.waitFor({ state: 'detached' })
  })

  it('warns before the token runs out, and goes on with a new one without a break', async () => {
    const { url, stream } = await aGateway({ jwtSecret: secret })
    const page = await aTab()
    await page.goto(`${url}/#token=${await aToken({ exp: now() + 50 })}`)
    await page.getByText(/The token runs out in \d+ s/).waitFor()
    await page.getByLabel('New token').fill(await aToken())
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText(/The token runs out/).waitFor({ state: 'detached' })
    await stream.append([anEvent()])
    await page.getByRole('listitem', { name: 'Neuroscientist' }).waitFor()
  })

  it('is signed out when the token has run out', async () => {
    const { url } = await aGateway({ jwtSecret: secret })
    const page = await aTab()
    await page.goto(`${url}/#token=${await aToken({ exp: now() + 6 })}`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByRole('alert').getByText('The token has run out').waitFor()
  })

  it('says that a token shows nothing where the stream has events of others', async () => {
    const stream = temporaryLog()
    const log = await openStream(stream)
    await log.append([anEvent({ user_id: 'somebody-else' })])
    await log.close()
    const { url } = await aGateway({ jwtSecret: secret, stream })
    const page = await aTab()
    await page.goto(`${url}/#token=${await aToken()}`)
    await page.getByText('The stream has events, but none that this token may see').waitFor()
  })
})
