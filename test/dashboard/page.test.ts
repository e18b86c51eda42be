import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { root } from '../support/processes.ts'

/** Bytes of all the page is made of, compressed. */
const budget = 300_000

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

  it('takes the token out of the address, and shows an agent as soon as it does something', async () => {
    const { url, stream } = await aGateway()
    const page = await aTab()
    await page.goto(`${url}/#token=test`)
    await page.getByRole('heading', { name: 'No events yet' }).waitFor()
    expect(page.url()).not.toContain('token')
    await stream.append([anEvent({ event_type: 'llm_call_started', timestamp: new Date().toISOString() })])
    await page.getByText('asks gpt-5-mini').waitFor()
  })

  it('asks for a token when it has none, and says why one is refused', async () => {
    const { url } = await aGateway({ jwtSecret: 'a secret of at least thirty-two bytes' })
    const page = await aTab()
    await page.goto(url)
    await page.getByLabel('Token').fill('nonsense')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('The token was refused').waitFor()
  })
})
