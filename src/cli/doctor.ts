import { resolve } from 'node:path'
import { styleText } from 'node:util'
import { openStream } from '../streams/open-stream.ts'
import { checkAgentProcess } from './doctor/agent-process.ts'
import { verdicts } from './doctor/chain.ts'
import { because } from './doctor/finding.ts'
import type { Finding } from './doctor/finding.ts'
import { checkGateway, defaultGateway } from './doctor/gateway.ts'
import { checkLibraries } from './doctor/libraries.ts'
import { probe } from './doctor/probe.ts'
import { checkStream } from './doctor/stream.ts'
import { lookOf } from './feed/terminal.ts'

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
  const way = verdicts(findings)
  if (options.json) console.log(JSON.stringify({ ok: isWell, way, findings }, undefined, 2))
  else tell(findings, way)
  if (!isWell) process.exitCode = 1
}

const styles = { ok: 'green', note: 'yellow', broken: 'red', unknown: 'dim' } as const

function tell(findings: readonly Finding[], way: ReturnType<typeof verdicts>): void {
  const { colour } = lookOf()
  const paint = (verdict: keyof typeof styles, text: string = verdict) =>
    colour ? styleText(styles[verdict], text, { validateStream: false }) : text
  for (const { verdict, hop, text } of findings)
    console.log(`${paint(verdict, verdict.padEnd(7))} ${hop.padEnd(8)} ${text}`)
  const hops = Object.entries(way).map(([part, verdict]) => `${part} ${paint(verdict)}`)
  console.log(`\n${hops.join(' → ')}`)
}

async function checkDelivery({ stream: url, url: gateway, token, probe: probes }: DoctorArguments): Promise<Finding[]> {
  const stream = await openStream(url).catch((error: unknown) => because(error))
  if (typeof stream === 'string')
    return [{ hop: 'stream', verdict: 'broken', text: stream }, ...(await checkGateway(gateway, token))]
  try {
    const states = await Promise.all((stream.parts ?? [stream]).map(checkStream))
    const all = [...states, ...(await checkGateway(gateway, token))]
    return probes && states[0]?.verdict !== 'broken'
      ? [...all, ...(await probe(stream, gateway ?? defaultGateway, token))]
      : all
  } finally {
    await stream.close()
  }
}
