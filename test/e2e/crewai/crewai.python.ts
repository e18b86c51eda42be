import { spawn } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../../src/events/event.ts'
import { pythonOf } from '../../python/virtual-environment.ts'
import { expectTheCrew, served, sources } from '../../support/crew.ts'
import { root, startGatewayProcess, temporaryFolder, temporaryLog } from '../../support/processes.ts'
import { until } from '../../support/until.ts'
import { signIn } from '../../support/ws-client.ts'
import { startModelServer } from './model-server.ts'

/** A crew with what its README says to set, in an empty folder; nothing of it can leave the machine. */
function startCrew(program: string, gateway: string, models: string) {
  const folder = temporaryFolder()
  const child = spawn(pythonOf('crewai'), [`${root}/${program}`], {
    cwd: folder,
    env: {
      HOME: folder,
      PYTHONPATH: `${root}/examples/crewai`,
      CREWAI_STORAGE_DIR: folder,
      OPENAI_BASE_URL: models,
      OPENAI_API_KEY: 'none',
      CREWAI_DISABLE_TELEMETRY: 'true',
      CREWAI_TRACING_ENABLED: 'false',
      OTEL_SERVICE_NAME: 'recovery-lab',
      OTEL_EXPORTER_OTLP_ENDPOINT: gateway,
      // Ends in several requests; a machine so busy that a start takes longer to come would leave the start out.
      OTEL_BSP_SCHEDULE_DELAY: '2000',
      // Whatever tries to reach another host is refused at once.
      HTTPS_PROXY: 'http://127.0.0.1:1',
      HTTP_PROXY: 'http://127.0.0.1:1',
      NO_PROXY: '127.0.0.1',
    },
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  return { exited, stdout: () => stdout, stderr: () => stderr }
}

describe('a real CrewAI crew', () => {
  it.each(sources)('is told by $name while it runs, and as it was', async (source) => {
    const models = await startModelServer()
    const gateway = await startGatewayProcess(temporaryLog())
    const client = await signIn(gateway.url, { protocol_version: 1 })
    const seen = (type: string, agent: string) => (event: AurenEvent) =>
      event.event_type === type && event.source_agent?.id === agent

    // The coach's answers are held: everything up to there is to be seen meanwhile.
    models.hold('training_coach')
    const crew = startCrew(source.program, gateway.url, models.url)
    const call = await until(
      "the coach's call is seen to start",
      () => client.events().find(seen('llm_call_started', 'training_coach')),
      240_000,
    )
    expect(call.session_id).toBe(client.events()[0]?.session_id)
    expect(client.events().filter(({ event_type: type }) => type === 'agent_execution_completed')).toEqual([])
    for (const agent of ['recovery', 'neuroscientist', 'training_coach'])
      expect(client.events().some(seen('agent_execution_started', agent))).toBe(true)

    models.letGo()
    expect(await crew.exited, crew.stderr()).toBe(0)
    expect(crew.stdout()).toContain('Half an hour in zone 1.')
    await until('the crew is completed', () => client.events().some(seen('agent_execution_completed', 'recovery')))
    const kinds = Map.groupBy(models.served, ({ kind }) => kind)
    expect([kinds.get('chat')?.length, kinds.get('embeddings')?.length]).toEqual([served.chats, served.embeddings])
    const events = client.events().filter(({ event_type: type }) => type !== 'heartbeat')
    expectTheCrew(events, source)
    for (const { metadata } of events) expect(metadata['service']).toBe(source.service)
  })
})
