import { describe, expect, it } from 'vitest'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { expectAccessible, expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'

type Fields = NonNullable<Parameters<typeof anEvent>[0]>

const call = (agent: string, payload: NonNullable<Fields['payload']>, fields: Fields = {}) =>
  anEvent({
    timestamp: toTimestamp(Date.now()),
    source_agent: { id: agent, role: agent },
    payload: { success: true, ...payload },
    ...fields,
  })

describe('the view of costs', () => {
  it('says what would be there, then shows each call as it ends', async () => {
    const { url, stream } = await aGateway()
    await stream.append([call('coach', { model: 'm1' }, { event_type: 'llm_call_started' })])
    const page = await aTab()
    await page.goto(`${url}/#/cost?token=test`)
    await page.getByText('No model calls in the last 15 minutes').waitFor()
    await expectAccessible(page, 'no calls')
    await stream.append([call('coach', { model: 'm1', cost: 0.25, input_tokens: 10 })])
    await page.getByRole('row', { name: 'm1 $0.25 1 10' }).waitFor()
    await page.getByRole('img', { name: 'Cost per minute: up to $0.25 a minute' }).waitFor()
  })

  it('bills agents, models and sessions, own and delegated, with the cached share and lower bounds', async () => {
    const { url, stream } = await aGateway()
    const underLead = { metadata: { ancestor_agents: ['lead', 'coach'] }, session_id: 'morning' }
    await stream.append([
      call('coach', { model: 'm1', cost: 2, input_tokens: 100, cached_input_tokens: 25, output_tokens: 7 }, underLead),
      call('coach', { model: 'm2', input_tokens: 100 }, underLead),
      call('lead', { model: 'm1', cost: 1 }, { session_id: 'evening' }),
    ])
    const page = await aTab()
    await page.goto(`${url}/#/cost?token=test`)
    await page.getByRole('row', { name: 'coach ≥ $2.00 $0 2 200 13 % 7' }).waitFor()
    await page.getByRole('row', { name: 'lead $1.00 ≥ $2.00 1' }).waitFor()
    await page.getByRole('row', { name: 'm2 ≥ $0 1 100 0 %' }).waitFor()
    await page.getByRole('row', { name: 'morning ≥ $2.00' }).waitFor()
    await page.getByText('1 call has no known price').waitFor()
    await page.getByText(/Finished model calls since \d\d:\d\d:00 \(the last 15 minutes\)/).waitFor()
    await expectAccessibleInBothSchemes(page, 'costs')
  })

  it('is sorted by keyboard, by any column and both ways', async () => {
    const { url, stream } = await aGateway()
    await stream.append([
      call('b', { model: 'm', cost: 1, output_tokens: 9 }),
      call('a', { model: 'm', cost: 3, output_tokens: 1 }),
      call('c', { model: 'm', cost: 2, output_tokens: 5 }),
    ])
    const page = await aTab()
    await page.goto(`${url}/#/cost?token=test`)
    const table = page.getByRole('table', { name: 'By agent' })
    const names = () => table.getByRole('rowheader').allInnerTexts()
    await table.waitFor()
    expect(await names()).toEqual(['a', 'c', 'b'])
    await table.getByRole('button', { name: 'output' }).focus()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual(['b', 'c', 'a'])
    await table.getByRole('columnheader', { name: 'output' }).and(page.locator('[aria-sort=descending]')).waitFor()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual(['a', 'c', 'b'])
    await table.getByRole('button', { name: 'agent' }).press('Enter')
    expect(await names()).toEqual(['a', 'b', 'c'])
  })
})
