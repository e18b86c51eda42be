import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import type { WebSocket } from 'ws'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodings } from '../../src/gateway/delivery/encoding.ts'
import { WebSocketSink } from '../../src/gateway/delivery/websocket-sink.ts'
import { textFrame } from '../../src/gateway/feed/text-frame.ts'
import { gateway } from '../../src/gateway/plugin.ts'
import { pythonOf } from '../python/virtual-environment.ts'
import { temporaryFolder, temporaryLog } from '../support/processes.ts'

/** Messages above 1 MiB and in very many fragments, which the limits refuse, and compression, which is not agreed to. */
const refused = [
  ...['9.1', '9.2'].flatMap((part) => [4, 5, 6].map((n) => `${part}.${n}`)),
  '9.3.*',
  '9.4.*',
  '12.*',
  '13.*',
]

/** A gateway with one route more, which says again what it is told: texts in the frames that events are sent in. */
async function anEcho(): Promise<string> {
  const app = Fastify()
  onTestFinished(() => app.close())
  await app.register(gateway, { stream: temporaryLog() })
  app.get('/echo', { websocket: true }, (socket: WebSocket, request) => {
    const sink = new WebSocketSink(socket, request.raw.socket, encodings.v1)
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) socket.send(data)
      else sink.write(textFrame(data.toString()).frame)
    })
  })
  return (await app.listen({ port: 0 })).replace('http', 'ws') + '/echo'
}

interface Verdict {
  readonly behavior: string
  readonly behaviorClose: string
}

/** As the suite calls what the RFC allows, and what it leaves open. */
const passes: ReadonlySet<string> = new Set(['OK', 'NON-STRICT', 'INFORMATIONAL'])

/** The cases of the Autobahn TestSuite, run by kosoku: its own runner needs Python 2. By number. */
async function verdictsOn(url: string): Promise<Record<string, Verdict>> {
  const folder = temporaryFolder()
  const excluded = refused.flatMap((cases) => ['--exclude', cases])
  const suite = spawn(join(pythonOf('conformance'), '../kosoku'), [url, ...excluded, '--outdir', folder], {
    stdio: 'ignore',
  })
  onTestFinished(() => void suite.kill('SIGKILL'))
  await new Promise((resolve) => suite.once('close', resolve))
  const report = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Record<string, Record<string, Verdict>>
  return Object.values(report)[0] ?? {}
}

describe('the WebSocket of the gateway', () => {
  it('passes the Autobahn cases, with events framed once for all', async () => {
    const verdicts = await verdictsOn(await anEcho())
    const failed = Object.entries(verdicts).filter(
      ([, { behavior, behaviorClose }]) => !passes.has(behavior) || !passes.has(behaviorClose),
    )
    expect(failed).toEqual([])
    expect(Object.keys(verdicts).length).toBeGreaterThan(260)
  })
})
