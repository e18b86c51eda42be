import { describe, expect, it } from 'vitest'
import { allTiers, tiersOf } from '../../src/dashboard/memory/tiers.ts'
import { toTimestamp } from '../../src/events/timestamp.ts'
import { expectAccessible, expectAccessibleInBothSchemes } from '../support/accessibility.ts'
import { aTab } from '../support/browser.ts'
import { anEvent } from '../support/events.ts'
import { aGateway } from '../support/gateway.ts'

const access = (tier: string, payload: Record<string, unknown> = {}, latency = 10, success = true) =>
  anEvent({
    event_type: 'memory_tier_access',
    timestamp: toTimestamp(Date.now()),
    payload: { tier_accessed: tier, success, ...payload },
    performance_metrics: { latency_ms: latency, token_cost: 0, memory_usage_mb: 0, cpu_percentage: 0, success },
  })

describe('the view of memory', () => {
  it('adds the tiers up, and has no hit rate where nobody said whether something was found', () => {
    const tier = { p50_latency_ms: 1, p95_latency_ms: 2, p99_latency_ms: 3, error_rate: 0 }
    const tiers = tiersOf({
      redis: { ...tier, accesses: 10, hits: 3, misses: 1, hit_rate: 0.75, error_rate: 0.2 },
      chroma: { ...tier, accesses: 6, hits: 0, misses: 2, hit_rate: 0 },
    })
    expect(allTiers(tiers)).toEqual({ accesses: 16, errors: 2, hitRate: 0.5 })
    const silent = tiersOf({ redis: { ...tier, accesses: 2, hits: 0, misses: 0, hit_rate: null } })
    expect(allTiers(silent).hitRate).toBeUndefined()
  })

  it('says what would be there while no memory is used', async () => {
    const { url, stream } = await aGateway()
    await stream.append([anEvent()])
    const page = await aTab()
    await page.goto(`${url}/#/memory?token=test`)
    await page.getByText('No agent has used its memory in the last minutes').waitFor()
    await expectAccessible(page, 'no memory')
  })

  it('shows each tier with hit rate, errors and latency, and of which time', async () => {
    const { url, stream } = await aGateway()
    await stream.append([
      access('redis', { cache_hit: true }),
      access('redis', { cache_hit: true }),
      access('redis', { cache_hit: false }),
      access('redis', {}, 10, false),
      access('chromadb', { operation: 'store' }, 2_000),
    ])
    const page = await aTab()
    await page.goto(`${url}/#/memory?token=test`)
    await page.getByRole('row', { name: /^redis 4 67 % 2 1 1 10 ms 10 ms 10 ms$/ }).waitFor()
    await page.getByRole('row', { name: /^chromadb 1 – 0 0 0 2\.0 s/ }).waitFor()
    await page.getByText(/Accesses since \d\d:\d\d:\d\d \(the last 5 minutes\)/).waitFor()
    await expectAccessibleInBothSchemes(page, 'memory')
  })
})
