import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { expectAccessible, expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway, aToken, secret } from '../support/gateway.ts'
import { root, startGatewayProcess, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'

/** Pixels by which the content is wider than the page. */
const overflow = (page: Page) =>
  page.evaluate<number>('document.getElementById("main").scrollWidth - document.getElementById("main").clientWidth')

/** Bytes of all the page is made of, compressed. */
const budget = 300_000

/** Each view, and what is in it when a crew is at work. */
const contents = {
  Now: '.agent',
  Runs: '.runs-row',
  Feed: '.feed-row',
  Collaboration: '.table td',
  Cost: '.table td',
  Memory: '.table td',
  Pipeline: '.chart',
}

describe('the live page', () => {
  it('is served with a policy that allows its own scripts and styles alone, and files that may be kept for ever', async () => {
    const { url } = await aGateway()
    const answer = await fetch(url)
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(answer.headers.get('cache-control')).toBe('no-cache')
    const page = await answer.text()
    for (const [, path = ''] of page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)) {
      const asset = await fetch(`${url}/${path}`)
      expect(asset.status).toBe(200)
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
      expect(asset.headers.get('x-content-type-options')).toBe('nosniff')
    }
    expect((await fetch(`${url}/assets/..%2findex.html`)).status).toBe(404)
  })

  it(`weighs less than ${budget / 1_000} KB`, () => {
    const folder = join(root, 'dist/dashboard/assets')
    const sizes = readdirSync(folder).map((name) => gzipSync(readFileSync(join(folder, name))).length)
    expect(sizes.length).toBeGreaterThan(2)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(budget)
  })

  it('says why nothing is there and what brings it, then shows an agent as soon as it does something', async () => {
    const { url, stream } = await aGateway()
    const page = await aTab()
    await page.goto(`${url}/#token=test`)
    await page.getByText('The gateway is ready and its stream is empty').waitFor()
    await page.getByText(`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${url}/v1/traces`).waitFor()
    expect(page.url()).not.toContain('token')
    await expectAccessible(page, 'an empty page')
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overflow(page)).toBe(0)
    await stream.append([anEvent({ event_type: 'llm_call_started', timestamp: new Date().toISOString() })])
    await page.getByText('asks gpt-5-mini').waitFor()
  })

  it('starts a demo for nobody who may not see everything', async () => {
    const { url } = await aGateway({ jwtSecret: secret, startDemo: () => expect.fail('it was started') })
    const headers = { authorization: `Bearer ${await aToken()}` }
    expect(await (await fetch(`${url}/api/demo`, { headers })).json()).toEqual({ available: false })
    expect((await fetch(`${url}/api/demo/start`, { method: 'POST', headers })).status).toBe(403)
    expect((await fetch(`${url}/api/demo/start`, { method: 'POST' })).status).toBe(401)
  })

  it('goes by keys: to a view, to the list of keys and back', async () => {
    const { url, stream } = await aGateway()
    await stream.append([anEvent()])
    const page = await aTab()
    await page.goto(`${url}/#token=test`)
    await page.getByRole('listitem', { name: 'Neuroscientist' }).waitFor()
    // The second key is to come within 1.2 s, which a busy machine may miss.
    await until('the feed is shown', async () => {
      await page.keyboard.press('g')
      await page.keyboard.press('f')
      return page.getByRole('listbox').getByRole('option').first().isVisible()
    })
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Go to Now').waitFor()
    await expectAccessible(page, 'the keys')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('Tab')
    await page.getByText('Skip to the content').press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })

  it('shows in a narrow window which view it is, and keeps the ends of a row together in a wide one', async () => {
    const { url, stream } = await aGateway()
    const payload = { model: 'gpt-5-mini', success: true, latency_ms: 700, cost: 0.5 }
    await stream.append([anEvent({ timestamp: toTimestamp(Date.now()), payload })])
    const page = await aTab({ viewport: { width: 360, height: 740 } })
    const rightOf = async (locator: Locator) => {
      const { x, width } = (await locator.boundingBox()) ?? { x: Infinity, width: 0 }
      return x + width
    }
    await page.goto(`${url}/#/pipeline?token=test`)
    const link = page.getByRole('navigation').getByRole('link', { name: 'Pipeline' })
    await until('the link of the view is seen', async () => (await rightOf(link)) <= 360)
    await page.setViewportSize({ width: 2560, height: 740 })
    for (const [view, end] of [
      ['feed', '.feed-row .number:last-child'],
      ['cost', '.table'],
      ['runs', '.runs-row .runs-number:last-child'],
    ] as const) {
      await page.evaluate(`location.hash = '#/${view}'`)
      await page.locator(end).first().waitFor()
      expect(await rightOf(page.locator(end).first()), view).toBeLessThan(1_700)
    }
  })

  it('keeps the colours that were chosen', async () => {
    const { url } = await aGateway()
    const page = await aTab()
    await page.goto(`${url}/#token=test`)
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    await page.getByRole('button', { name: /Change to light/ }).click()
    await page.getByRole('button', { name: /Change to dark/ }).click()
    const dark = await ground()
    expect(dark).not.toBe(light)
    await page.reload()
    expect(await ground()).toBe(dark)
  })

  it('offers a demo where the gateway starts one: every view of it can be read by everybody, light and dark, from 360 pixels on', async () => {
    const { url } = await startGatewayProcess(temporaryLog(), {}, ['--dev'])
    const page = await aTab()
    await page.goto(`${url}/#token=test`)
    await page.getByRole('button', { name: 'Show me a demo' }).click()
    await page.getByRole('listitem', { name: 'Neuroscientist' }).waitFor()
    for (const [name, content] of Object.entries(contents)) {
      await page.getByRole('navigation').getByRole('link', { name }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor({ state: 'attached' })
      await page.locator(content).first().waitFor()
      await expectAccessibleInBothSchemes(page, name)
      for (const width of [360, 1440]) {
        await page.setViewportSize({ width, height: 740 })
        expect(await page.evaluate('document.documentElement.scrollWidth'), `${name}, ${width}`).toBe(width)
      }
    }
    expect(await page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(Object.keys(contents))
  }, 120_000)
})
