import { resolve } from 'node:path'
import { openStream } from '../streams/open-stream.ts'
import { checkAgentProcess } from './doctor/agent-process.ts'
import { because } from './doctor/finding.ts'
import type { Finding } from './doctor/finding.ts'
import { checkGateway, defaultGateway } from './doctor/gateway.ts'
import { checkLibraries } from './doctor/libraries.ts'
import { probe } from './doctor/probe.ts'
import { checkStream } from './doctor/stream.ts'

export interface DoctorArguments {
  readonly folder: string
  readonly metrics?: string
  readonly stream?: string
  readonly url?: string
  readonly token: string
  readonly probe?: true
  readonly json?: true
}

/** `auren doctor`: a verdict on each hop from a library to a client. Ends with code 1 when one is broken. */
export async function runDoctor(options: DoctorArguments): Promise<void> {
  const agent = await checkAgentProcess(options.metrics)
  const libraries = checkLibraries(resolve(options.folder), agent.seen)
  const findings = [...libraries, ...agent.findings, ...(await checkDelivery(options))]
  const isWell = findings.every(({ verdict }) => verdict !== 'broken')
  if (options.json) console.log(JSON.stringify({ ok: isWell, findings }, undefined, 2))
  else for (const { verdict, hop, text } of findings) console.log(`${verdict.padEnd(7)} ${hop.padEnd(8)} ${text}`)
  if (!isWell) process.exitCode = 1
}

async function checkDelivery({ stream: url, url: gateway, token, probe: probes }: DoctorArguments): Promise<Finding[]> {
  const stream = await openStream(url).catch((error: unknown) => because(error))
  if (typeof stream === 'string')
    return [{ hop: 'stream', verdict: 'broken', text: stream }, ...(await checkGateway(gateway, token))]
  try {
    const states = await Promise.all((stream.parts ?? [stream]).map(checkStream))
    const all = [...states, ...(await checkGateway(gateway, token))]
    return probes && states[0]?.verdict !== 'broken'
      ? [...all, await probe(stream, gateway ?? defaultGateway, token)]
      : all
  } finally {
    await stream.close()
  }
}
