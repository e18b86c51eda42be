import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { eventId } from '../../src/events/event-id.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { expectAccessible, expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'
import { spanOf, stepEvents, traceId, zero } from '../support/run-events.ts'
import type { StepPlan } from '../support/run-events.ts'
import { until } from '../support/until.ts'

/** The steps of a run, with its beginning so many seconds ago. */
function eventsOf(plans: readonly StepPlan[], secondsAgo: number): AurenEvent[] {
  const shift = Date.now() - secondsAgo * 1_000 - zero
  const moved = (time: unknown) => toTimestamp(Date.parse(String(time)) + shift)
  return plans
    .flatMap(stepEvents)
    .map((event) => ({
      ...event,
      timestamp: moved(event.timestamp),
      metadata: { start_time: moved(event.metadata['start_time']) },
    }))
    .sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp))
}

const lead: StepPlan = { id: 1, kind: 'agent', agent: 'lead', from: 0 }
const coach: StepPlan = { id: 2, kind: 'agent', parent: 1, agent: 'coach', from: 1 }
const finished: readonly StepPlan[] = [
  { ...lead, to: 8 },
  { id: 3, kind: 'model', parent: 1, agent: 'lead', from: 0.2, to: 0.9, name: 'big', tokens: 120, cost: 0.5 },
  { ...coach, to: 7 },
  { id: 4, kind: 'tool', parent: 2, agent: 'coach', from: 2, to: 3, name: 'search', failed: true },
  { id: 5, kind: 'tool', parent: 2, agent: 'coach', from: 4, to: 5, name: 'plan', failed: true },
]

const tree = (page: Page) => page.getByRole('tree', { name: 'Steps' })
const step = (page: Page, name: string) =>
  tree(page)
    .getByRole('treeitem')
    .filter({ has: page.locator('.run-step-name, .agent-name', { hasText: name }) })
const chosen = (page: Page) => tree(page).locator('[aria-selected="true"]')

async function barOf(page: Page, name: string) {
  const box = await step(page, name).locator('.run-bar').boundingBox()
  return box?.width ?? 0
}

describe('the runs', () => {
  it('are listed with those at work first, and opened and left by keys', async () => {
    const { url, stream } = await aGateway()
    await stream.append(eventsOf(finished, 60))
    const other = eventsOf([lead], 1).map((event) => ({
      ...event,
      trace_id: 'a'.repeat(32),
      event_id: eventId('a'.repeat(32), spanOf(1), 'start'),
      source_agent: { id: 'guide', role: 'Guide' },
    }))
    await stream.append(other)
    const page = await aTab()
    await page.goto(`${url}/#/runs?token=test`)
    const rows = page.getByRole('list', { name: 'Runs' }).getByRole('link')
    await rows.filter({ hasText: 'running' }).filter({ hasText: 'Guide' }).waitFor()
    // Told of by another answer than the runs that are open.
    await rows.filter({ hasText: 'completed' }).waitFor()
    expect(await rows.allInnerTexts()).toEqual([
      expect.stringContaining('Guide'),
      expect.stringMatching(/completed[^]*lead[^]*2[^]*120[^]*\$0\.50/),
    ])
    await page.keyboard.press('f')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'lead' }).waitFor()
    await page.waitForURL(`**run=${traceId}*`)
    await page.keyboard.press('Escape')
    await rows.first().waitFor()
    await until('one is back where one was', async () => {
      return (await page.evaluate('document.activeElement.dataset.run')) === traceId
    })
    await page.getByRole('button', { name: 'Open 1' }).click()
    expect(await rows.allInnerTexts()).toEqual([expect.stringContaining('Guide')])
  })

  it('grow while they run: steps appear, their bars get longer, and it is said who waits for whom', async () => {
    const { url, stream } = await aGateway()
    await stream.append(eventsOf([lead], 2))
    const page = await aTab()
    await page.goto(`${url}/#/runs?token=test&run=${traceId}`)
    await step(page, 'lead').waitFor()
    let width = Infinity
    // The scale gets longer too, and then the bar is shorter for once.
    await until('the bar grows', async () => {
      const before = width
      width = await barOf(page, 'lead')
      return width > before
    })
    await stream.append(eventsOf([coach], 1))
    await step(page, 'coach').waitFor()
    await step(page, 'lead').getByText('waits for coach').waitFor()
    await page.getByRole('list', { name: 'What to know' }).getByText('lead waits for coach').waitFor()
    const call: StepPlan = { id: 3, kind: 'model', parent: 2, agent: 'coach', from: 1, name: 'big' }
    await stream.append(eventsOf([call], 1))
    await step(page, 'coach').getByText('waits for big').waitFor()
    await expectAccessible(page, 'an open run')
    await stream.append(eventsOf([{ ...call, to: 1.5, tokens: 120, cost: 0.5 }], 2))
    await step(page, 'big').getByText('$0.50').waitFor()
    await page.locator('.figures').getByText('$0.50').waitFor()
    expect(await page.getByRole('group', { name: 'Playback' }).count()).toBe(0)
  })

  it('lead to each failure with one key, into what is folded too, and to everything that is known of it', async () => {
    const { url, stream } = await aGateway()
    await stream.append(eventsOf(finished, 60))
    const page = await aTab({ permissions: ['clipboard-read', 'clipboard-write'] })
    await page.goto(`${url}/#/runs?token=test&run=${traceId}`)
    await step(page, 'search').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    expect(await chosen(page).innerText()).toContain('coach')
    await page.keyboard.press('ArrowLeft')
    await step(page, 'coach').getByText('+2, 2 failed').waitFor()
    expect(await step(page, 'search').count()).toBe(0)
    await page.keyboard.press('f')
    const detail = page.getByRole('complementary', { name: 'Step' })
    await detail.getByText('used search (').or(detail.getByText('used search and failed')).waitFor()
    expect(await chosen(page).innerText()).toContain('search')
    await page.waitForURL(`**step=${spanOf(4)}*`)
    await page.keyboard.press('f')
    await detail.getByRole('heading', { name: 'plan' }).waitFor()
    await page.keyboard.press('F')
    await detail.getByRole('heading', { name: 'search' }).waitFor()
    await detail.getByRole('button', { name: 'Copy JSON' }).click()
    const copied = await until('it is copied', () => page.evaluate<string>('navigator.clipboard.readText()'))
    expect(JSON.parse(copied)).toMatchObject({ span_id: spanOf(4), status: 'failed', events: [{}, {}] })
    // Now they are no longer among those that the page begins with.
    await stream.append(Array.from({ length: 1_000 }, () => anEvent()))
    await page.reload()
    await detail.getByRole('heading', { name: 'search' }).waitFor()
    await detail.getByText('used search (').or(detail.getByText('used search and failed')).waitFor()
    await page.keyboard.press('Escape')
    await detail.waitFor({ state: 'detached' })
  })

  it('are played back when they are over: by the scrubber, and by a key', async () => {
    const { url, stream } = await aGateway()
    await stream.append(eventsOf(finished, 60))
    const page = await aTab()
    await page.goto(`${url}/#/runs?token=test&run=${traceId}`)
    await page.getByText('The run is over: completed.').waitFor()
    const scrubber = page.getByRole('slider', { name: 'Moment of the run' })
    await scrubber.fill('2500')
    await page.getByText('as it was after 2.5 s').waitFor()
    await step(page, 'coach').getByText('waits for search').waitFor()
    expect(await step(page, 'plan').count()).toBe(0)
    await expectAccessibleInBothSchemes(page, 'a moment of a run')
    await scrubber.press('ArrowRight')
    await page.getByText('as it was after 2.6 s').waitFor()
    await page.getByRole('heading', { level: 1 }).click()
    await page.getByLabel('Speed').selectOption('10')
    await tree(page).focus()
    await page.keyboard.press('p')
    // At ten times its speed it soon is at its end, with everything.
    await page.getByText('The run is over: completed.').waitFor()
    await step(page, 'plan').getByText('failed').waitFor()
    await page.getByRole('button', { name: 'Play' }).waitFor()
  })

  it('draw the rows that are seen, of two thousand', async () => {
    const { url, stream } = await aGateway()
    const many = Array.from({ length: 1_999 }, (_, index): StepPlan => ({
      ...{ id: index + 2, kind: 'tool', parent: 1, agent: 'lead', name: `tool-${index}.` },
      ...{ from: index / 100, to: index / 100 + 0.01 },
    }))
    await stream.append(eventsOf([{ ...lead, to: 20 }, ...many], 60))
    const page = await aTab()
    await page.goto(`${url}/#/runs?token=test&run=${traceId}`)
    await step(page, 'tool-0.').waitFor()
    expect(await tree(page).getByRole('treeitem').count()).toBeLessThan(70)
    await page.goto(`${url}/#/runs?run=${traceId}&step=${spanOf(2_000)}`)
    await step(page, 'tool-1998.').waitFor()
    expect(await step(page, 'tool-1998.').getAttribute('aria-setsize')).toBe('1999')
  })

  it('say so when a link is to a run that nobody has', async () => {
    const { url } = await aGateway()
    const page = await aTab()
    await page.goto(`${url}/#/runs?token=test&run=${'c'.repeat(32)}`)
    await page.getByRole('heading', { name: 'This run is not known' }).waitFor()
    await expectAccessible(page, 'a run that is not known')
    await page.getByRole('link', { name: 'All runs' }).click()
    await page.getByText('No events yet').waitFor()
  })
})
