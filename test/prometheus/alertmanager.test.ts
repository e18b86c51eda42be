import { execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { alertGroups } from '../../prometheus/src/alerts.ts'
import { freePort } from '../support/free-port.ts'
import { root, temporaryFolder } from '../support/processes.ts'
import { requireProgram } from '../support/programs.ts'
import { until } from '../support/until.ts'

const file = join(root, 'prometheus/alertmanager.yml')
const amtool = (...args: string[]) =>
  execFileSync(requireProgram('amtool', 'prometheus-alertmanager'), args, {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim()

/** What Prometheus gives an alert of the rules: their labels, and those of the series. */
function labelsOf(name: string, ofSeries: Readonly<Record<string, string>> = {}): Record<string, string> {
  const rule = alertGroups.flatMap(({ rules }) => rules).find((one) => 'alert' in one && one.alert === name)
  if (rule === undefined || !('alert' in rule)) throw new Error(`no such alert: ${name}`)
  return { ...ofSeries, ...rule.labels, alertname: name }
}

describe('the example for Alertmanager', () => {
  it('is what Alertmanager takes', () => {
    expect(amtool('check-config', file)).toContain('SUCCESS')
  })

  it.each([
    ['AurenWatchdog', 'dead-mans-switch'],
    ['AurenAgentErrorBudgetBurnFast', 'on-call'],
    ['AurenAgentErrorBudgetBurnSlow', 'team'],
    ['AurenCostBudgetBurn', 'finance'],
    ['AurenCostBudgetExhausted', 'finance,on-call'],
    ['AurenUnpricedCalls', 'finance,nobody'],
    ['AurenMemoryTierHitRatioLow', 'nobody'],
  ])('sends %s to %s', (name, receivers) => {
    const labels = Object.entries(labelsOf(name)).map(([label, value]) => `${label}=${value}`)
    expect(amtool('config', 'routes', 'test', `--config.file=${file}`, ...labels)).toBe(receivers)
  })

  it('does not warn of what woke somebody already, and of everything else', async () => {
    const ofAgents = { job: 'auren-agent' }
    const inhibited = await inhibitedAmong([
      labelsOf('AurenAgentErrorBudgetBurnFast', ofAgents),
      labelsOf('AurenAgentErrorBudgetBurnSlow', ofAgents),
      labelsOf('AurenLlmProviderDown', { gen_ai_provider_name: 'openai', gen_ai_request_model: 'one' }),
      labelsOf('AurenLlmProviderErrors', { gen_ai_provider_name: 'openai', gen_ai_request_model: 'one' }),
      labelsOf('AurenLlmFirstTokenSlow', { gen_ai_provider_name: 'other', gen_ai_request_model: 'two' }),
      labelsOf('AurenCostBudgetExhausted'),
      labelsOf('AurenCostBudgetBurn'),
      labelsOf('AurenTokenSpike', { gen_ai_agent_name: 'coach' }),
      labelsOf('AurenNoAgents', ofAgents),
      labelsOf('AurenAgentAbsent', { ...ofAgents, gen_ai_agent_name: 'coach' }),
    ])
    expect(inhibited).toEqual([
      'AurenAgentAbsent',
      'AurenAgentErrorBudgetBurnFast',
      'AurenAgentErrorBudgetBurnSlow',
      'AurenCostBudgetBurn',
      'AurenLlmProviderErrors',
    ])
  })
})

/** Which of these alerts a real Alertmanager keeps to itself. */
async function inhibitedAmong(alerts: readonly Readonly<Record<string, string>>[]): Promise<string[]> {
  const address = `127.0.0.1:${await freePort()}`
  const server = spawn(
    requireProgram('prometheus-alertmanager', 'prometheus-alertmanager'),
    [`--config.file=${file}`, '--storage.path=data', `--web.listen-address=${address}`, '--cluster.listen-address='],
    { cwd: temporaryFolder(), stdio: 'ignore' },
  )
  const exited = new Promise((resolve) => server.once('exit', resolve))
  onTestFinished(async () => {
    server.kill('SIGKILL')
    await exited
  })
  const url = `http://${address}/api/v2/alerts`
  await until('it is ready', () => fetch(`http://${address}/-/ready`).then(({ ok }) => ok, () => false)) // prettier-ignore
  const body = JSON.stringify(alerts.map((labels) => ({ labels })))
  const taken = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(taken.status).toBe(200)
  const known = await until('all are routed', async () => {
    const found = (await (await fetch(url)).json()) as KnownAlert[]
    return found.length === alerts.length && found.every(({ status }) => status.state !== 'unprocessed') && found
  })
  return known
    .filter(({ status }) => status.state === 'suppressed')
    .map(({ labels }) => labels.alertname)
    .toSorted()
}

interface KnownAlert {
  readonly labels: { readonly alertname: string }
  readonly status: { readonly state: 'unprocessed' | 'active' | 'suppressed' }
}
