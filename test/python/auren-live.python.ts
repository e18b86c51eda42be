import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root, startGatewayProcess, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'
import { signIn } from '../support/ws-client.ts'
import { python } from './virtual-environment.ts'

function startAgent(endpoint: string, ...args: string[]) {
  const child = spawn(python, [`${root}/test/python/agent.py`, endpoint, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  return { exited, stdout: () => stdout, stderr: () => stderr }
}

describe('auren-live in a Python program', () => {
  it('shows steps when they start, and the exporter beside it their ends, under the right agent', async () => {
    const gateway = await startGatewayProcess(temporaryLog())
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const agent = startAgent(`${gateway.url}/v1/traces`, '2')
    const types = () => client.events().map(({ event_type: type }) => type)
    await until('the call is seen to start', () => types().includes('llm_call_started'))
    expect(types()).toEqual(['agent_execution_started', 'llm_call_started'])
    expect(agent.stdout()).toBe('')
    expect(await agent.exited).toBe(0)
    await until('the run is completed', () => types().includes('agent_execution_completed'))
    expect(types().toSorted()).toEqual([
      'agent_execution_completed',
      'agent_execution_started',
      'llm_call',
      'llm_call_started',
    ])
    for (const event of client.events())
      expect(event).toMatchObject({ source_agent: { id: 'coach' }, session_id: 'session-1' })
    const call = client.events().find(({ event_type: type }) => type === 'llm_call')
    expect(call?.payload).toMatchObject({ model: 'gpt-5-mini', provider: 'openai', tokens_used: 1_100, cost: 0.00045 })
    expect(JSON.stringify(client.events())).not.toContain('what was said')
    expect(agent.stderr()).toBe('')
  })

  it('does not hold an agent up when nobody listens, however many spans it makes', async () => {
    const agent = startAgent('http://127.0.0.1:1/v1/traces', '0', '20000')
    await until('the work is done', () => agent.stdout() !== '', 30_000)
    const [, seconds = '', dropped = ''] = /worked ([\d.]+) s, dropped (\d+)/.exec(agent.stdout()) ?? []
    expect(Number(seconds)).toBeLessThan(20)
    expect(Number(dropped)).toBeGreaterThan(0)
  })
})
