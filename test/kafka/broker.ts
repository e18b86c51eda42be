import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Admin } from '@platformatic/kafka'
import { freePort } from '../support/free-port.ts'
import { until } from '../support/until.ts'
import { formatted, javaArgs, keyStore, user } from './kafka-software.ts'

export interface Broker {
  /** `127.0.0.1:port`, for whoever comes. */
  readonly address: string
  /** `127.0.0.1:port` with TLS, for the user of the tests by PLAIN or SCRAM-SHA-256. */
  readonly guarded: string
  kill(): Promise<void>
  /** Starts it again on the same ports, with what it had. */
  restart(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Kills it, and removes what it had. */
  remove(): Promise<void>
}

/** A node of its own, broker and controller, on free loopback ports. */
export async function startBroker(): Promise<Broker> {
  const folder = mkdtempSync(join(tmpdir(), 'auren-kafka-'))
  const ports = { open: await freePort(), guarded: await freePort(), controller: await freePort() }
  cpSync(formatted, join(folder, 'data'), { recursive: true })
  const properties = join(folder, 'server.properties')
  writeFileSync(properties, configuration(folder, ports))
  const launch = () => start(folder, properties, ports.open)
  let node = await launch()
  return {
    address: `127.0.0.1:${ports.open}`,
    guarded: `127.0.0.1:${ports.guarded}`,
    kill: () => stop(node),
    restart: async () => {
      node = await launch()
    },
    signal: (name) => void node.kill(name),
    remove: async () => {
      await stop(node)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** What Kafka's own documentation calls the broker configs; what is left out is as in production. */
function configuration(folder: string, ports: { open: number; guarded: number; controller: number }): string {
  const login = 'org.apache.kafka.common.security'
  return `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${ports.controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:${ports.open},SASL_SSL://127.0.0.1:${ports.guarded},CONTROLLER://127.0.0.1:${ports.controller}
log.dirs=${join(folder, 'data')}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
offsets.topic.replication.factor=1
auto.create.topics.enable=false
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256
listener.name.sasl_ssl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${user.name}="${user.password}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=${login}.scram.ScramLoginModule required;
listener.name.sasl_ssl.ssl.keystore.type=PKCS12
listener.name.sasl_ssl.ssl.keystore.location=${keyStore.path}
listener.name.sasl_ssl.ssl.keystore.password=${keyStore.password}
`
}

async function start(folder: string, properties: string, port: number): Promise<ChildProcess> {
  const log = join(folder, 'broker.log')
  const output = openSync(log, 'a')
  const node = spawn('java', javaArgs('kafka.Kafka', properties), { stdio: ['ignore', output, output], cwd: folder })
  await until('the broker listens', () => {
    if (node.exitCode !== null) throw new Error(`The broker did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`)
    return answers(port)
  }, 120_000) // prettier-ignore
  return node
}

async function answers(port: number): Promise<boolean> {
  const admin = new Admin({
    clientId: 'probe',
    bootstrapBrokers: [`127.0.0.1:${port}`],
    retries: 0,
    requestTimeout: 2_000,
  })
  try {
    return (await admin.listApis()).length > 0
  } catch {
    return false
  } finally {
    await admin.close()
  }
}

/** Ends it by its pid, paused or not. */
async function stop(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return
  const exited = new Promise((resolve) => node.once('exit', resolve))
  node.kill('SIGKILL')
  await exited
}
