import { describe, expect, it } from 'vitest'
import { expectAccessible } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { until } from '../support/until.ts'

const call = (number: number, fields: Parameters<typeof anEvent>[0] = {}) =>
  anEvent({ payload: { model: `model-${number}.`, success: true }, ...fields })

describe('the feed', () => {
  it('shows 12,000 events and draws those that are seen', async () => {
    const { url, stream } = await aGateway()
    const page = await aTab()
    await page.goto(`${url}/#/feed?token=test`)
    await page.getByText('No events yet').waitFor()
    for (let batch = 0; batch < 12; batch += 1) {
      await stream.append(Array.from({ length: 1_000 }, (_, index) => call(batch * 1_000 + index)))
    }
    await page.getByText('12,000 shown').waitFor()
    expect(await page.getByRole('listbox').getByRole('option').count()).toBeLessThan(60)
    await page.getByText('asked model-11999.').waitFor()
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    await page.getByText('asked model-0.').waitFor()
    // Who scrolls away stops it, so that nothing moves; who comes back lets it go on.
    await page.getByRole('button', { name: 'Go on' }).waitFor()
    await page.keyboard.press('Home')
    await page.getByRole('button', { name: 'Pause' }).waitFor()
  })

  it('stands still while it is paused, says how many wait, and then has them all', async () => {
    const { url, stream } = await aGateway()
    await stream.append([call(1), call(2)])
    const page = await aTab()
    await page.goto(`${url}/#/feed?token=test`)
    await page.getByText('2 shown').waitFor()
    await page.keyboard.press('p')
    await stream.append([call(3), call(4), call(5, { payload: { success: false } })])
    await page.getByRole('button', { name: 'Go on: 3 wait' }).waitFor()
    expect(await page.getByRole('listbox').getByRole('option').count()).toBe(2)
    await page.keyboard.press('p')
    await page.getByText('5 shown').waitFor()
  })

  it('keeps its filters in the address', async () => {
    const { url, stream } = await aGateway()
    const page = await aTab()
    await stream.append([
      call(1),
      call(2, { payload: { model: 'model-2.', success: false, latency_ms: 900, cost: 0.5 } }),
      call(3, { source_agent: { id: 'coach', role: 'Coach' } }),
    ])
    await page.goto(`${url}/#/feed?token=test`)
    await page.getByText('3 shown').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('MODEL-2')
    await page.getByText('1 shown').waitFor()
    await page.waitForURL('**text=MODEL-2*')
    await page.keyboard.press('Escape')
    await page.keyboard.press('c')
    await page.getByText('3 shown').waitFor()
    await page.getByRole('button', { name: 'Failed' }).click()
    await page.getByLabel('slower than').fill('500')
    await page.getByLabel('costlier than').fill('0.1')
    await page.reload()
    await page.getByText('1 shown').waitFor()
    expect(await page.getByRole('listbox').getByRole('option').innerText()).toContain('model-2.')
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('Agent').selectOption('coach')
    await page.getByText('1 shown').waitFor()
  })

  it('shows an event with a link that opens it again, also where the feed no longer has it', async () => {
    const { url, stream } = await aGateway()
    await stream.append([call(1, { event_id: 'the-one', session_id: 'session-x' }), call(2)])
    await stream.append(Array.from({ length: 1_100 }, (_, index) => call(index + 3, { session_id: 'session-y' })))
    const page = await aTab({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${url}/#/feed?token=test&event=the-one`)
    const detail = page.getByRole('complementary', { name: 'Event' })
    await detail.getByText('asked model-1.').waitFor()
    await detail.getByRole('button', { name: 'Copy JSON' }).click()
    const copied = await until('it is copied', () => page.evaluate<string>('navigator.clipboard.readText()'))
    expect(JSON.parse(copied)).toMatchObject({ event_id: 'the-one', session_id: 'session-x' })
    await expectAccessible(page, 'an event')
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'detached' })
    await page.keyboard.press('j')
    await detail.getByText('asked model-1102.').waitFor()
    await page.keyboard.press('j')
    await detail.getByText('asked model-1101.').waitFor()
    await page.keyboard.press('k')
    await detail.getByText('asked model-1102.').waitFor()
    expect(await page.getByRole('listbox').getByRole('option', { selected: true }).innerText()).toContain('model-1102.')
    await detail.getByRole('button', { name: 'Only this session' }).click()
    await page.waitForURL('**session=session-y*')
  })

  it('finds what is older than all that it has: by the filter, and by a link to an event of a run', async () => {
    const { url, stream } = await aGateway()
    const rare = call(1, { event_id: 'the-old-one', source_agent: { id: 'coach', role: 'Coach' } })
    await stream.append([rare, call(2), ...Array.from({ length: 11_200 }, (_, index) => call(index + 3))])
    const page = await aTab()
    await page.goto(`${url}/#/feed?token=test&agent=coach`)
    await page.getByText('Nothing matches so far').waitFor()
    await expectAccessible(page, 'nothing that matches')
    const older = page.getByRole('button', { name: 'Load older' })
    await older.click()
    // One answer looks at 10,000.
    await page.getByRole('button', { name: 'Loading' }).waitFor({ state: 'detached' })
    await older.click()
    await page.getByRole('listbox').getByRole('option').getByText('asked model-1.').click()
    await older.waitFor({ state: 'detached' })
    await page.waitForURL(`**event=the-old-one&of=${rare.trace_id}*`)
    await page.reload()
    const detail = page.getByRole('complementary', { name: 'Event' })
    await detail.getByText('asked model-1.').waitFor()
  })

  it('says so when a link is to an event that nobody has', async () => {
    const { url } = await aGateway()
    const page = await aTab()
    await page.goto(`${url}/#/feed?token=test&event=nobody-has-it`)
    await page.getByText('The stream no longer has this event').waitFor()
  })
})
