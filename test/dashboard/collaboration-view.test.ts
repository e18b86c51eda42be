import { describe, it } from 'vitest'
import { toTimestamp } from '../../src/events/timestamp.ts'
import type { AurenEvent } from '../../src/events/event.ts'
import { expectAccessible, expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'

const agent = (id: string) => ({ id, role: id })
const now = () => toTimestamp(Date.now())
const gave = (from: string, to: string, payload: AurenEvent['payload'] = {}) =>
  anEvent({
    event_type: 'agent_collaboration',
    timestamp: now(),
    source_agent: agent(from),
    target_agent: agent(to),
    payload: { collaborating_agents: [to], collaboration_type: 'handoff', success: true, ...payload },
  })
const started = (id: string, span: string, parent: string | null) =>
  anEvent({
    event_type: 'agent_execution_started',
    timestamp: now(),
    source_agent: agent(id),
    trace_id: 'c'.repeat(32),
    span_id: span,
    parent_span_id: parent,
    payload: {},
  })

describe('the view of collaboration', () => {
  it('says what would be there, then shows who waits for whom while it happens', async () => {
    const { url, stream } = await aGateway()
    await stream.append([started('lead', 'a'.repeat(16), null)])
    const page = await aTab()
    await page.goto(`${url}/#/collaboration?token=test`)
    await page.getByText('No agent gave work to another in the last 15 minutes').waitFor()
    await expectAccessible(page, 'agents that work alone')
    await stream.append([started('coach', 'b'.repeat(16), 'a'.repeat(16))])
    await page.getByRole('row', { name: /^lead coach 0 0 – 1 for \d/ }).waitFor()
    await page.locator('.react-flow__edge').getByText('1 waiting').waitFor()
  })

  it('draws agents and what they give to each other, and says the same in a table', async () => {
    const { url, stream } = await aGateway()
    await stream.append([
      gave('lead', 'coach', { resolution_time_ms: 1_000 }),
      gave('lead', 'coach', { success: false, resolution_time_ms: 3_000 }),
      gave('coach', 'cook', { collaboration_type: 'delegation' }),
    ])
    const page = await aTab()
    await page.goto(`${url}/#/collaboration?token=test`)
    await page.getByRole('row', { name: 'lead coach 2 1 ⌀ 2.0 s – handoff 2' }).waitFor()
    await page.getByRole('row', { name: 'coach cook 1 0 – – delegation 1' }).waitFor()
    await page.locator('.react-flow__edge').getByText('2 ×, 1 failed').waitFor()
    for (const name of ['lead', 'coach', 'cook'])
      await page.locator('.collaboration-agent').getByText(name, { exact: true }).waitFor()
    await expectAccessibleInBothSchemes(page, 'collaboration')
    await page.setViewportSize({ width: 360, height: 740 })
    await page.locator('.react-flow').waitFor({ state: 'detached' })
    await page.getByRole('row', { name: 'lead coach 2 1 ⌀ 2.0 s' }).waitFor()
  })
})
