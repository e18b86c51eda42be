import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(import.meta.url)
const pom = fileURLToPath(new URL('pom.xml', import.meta.url))
const cache = fileURLToPath(new URL('../../.cache/kafka', import.meta.url))

/** Storage of a node that has never run, with a user that SCRAM needs before the first start. */
export const formatted = join(cache, 'formatted')
/** By PLAIN and by SCRAM. */
export const user = { name: 'agent', password: 'right' } as const
/** The broker's key with its certificate, and the certificate alone for those who are to trust it. */
export const keyStore = { path: join(cache, 'broker.p12'), password: 'unguarded' } as const
export const certificate = join(cache, 'broker.pem')
/** Small and quick to start rather than fast: a test's broker lives for some seconds. */
const virtualMachine = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto']

/** Arguments of `java` that run a class of the broker's. */
export function javaArgs(main: string, ...args: readonly string[]): string[] {
  return [
    ...virtualMachine,
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    join(cache, 'lib/*'),
    main,
    ...args,
  ]
}

/** Fetches the broker and formats a node, unless that was done with the same versions already. Returns why it could not. */
export function prepareKafka(): string | undefined {
  const { stderr = '', error } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  if (error !== undefined || Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) < 17)
    return 'there is no Java 17 or later (Debian: apt-get install openjdk-17-jre-headless)'
  const recipe = createHash('sha256').update(readFileSync(pom)).update(readFileSync(here)).digest('hex')
  const stamp = join(cache, 'made-of')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) return undefined
  console.log('fetching Apache Kafka from Maven Central into .cache/kafka')
  rmSync(cache, { recursive: true, force: true })
  const trouble = fetchJars() ?? format() ?? makeKey()
  if (trouble === undefined) writeFileSync(stamp, recipe)
  return trouble
}

function fetchJars(): string | undefined {
  const goal = ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${join(cache, 'lib')}`]
  const { status, stdout, error } = spawnSync('mvn', goal, { encoding: 'utf8' })
  if (error !== undefined) return 'there is no Maven (Debian: apt-get install maven)'
  return status === 0 ? undefined : `Maven could not fetch the broker:\n${stdout.slice(-1_000)}`
}

function format(): string | undefined {
  const properties = join(cache, 'format.properties')
  mkdirSync(formatted, { recursive: true })
  writeFileSync(properties, `process.roles=broker,controller\nnode.id=1\nlog.dirs=${formatted}\n${anyQuorum}`)
  const scram = `SCRAM-SHA-256=[name=${user.name},password=${user.password}]`
  const options = ['format', '-t', 'YXVyZW4gdGVzdCBub2RlIA', '-c', properties, '--add-scram', scram]
  const { status, stderr } = spawnSync('java', javaArgs('kafka.tools.StorageTool', ...options), { encoding: 'utf8' })
  return status === 0 ? undefined : `the storage could not be formatted:\n${stderr.slice(-1_000)}`
}

function makeKey(): string | undefined {
  const store = [
    '-alias',
    'broker',
    '-keystore',
    keyStore.path,
    '-storetype',
    'PKCS12',
    '-storepass',
    keyStore.password,
  ]
  const names = ['-dname', 'CN=broker', '-ext', 'san=ip:127.0.0.1', '-validity', '3650', '-keyalg', 'EC']
  for (const command of [
    ['-genkeypair', ...names],
    ['-exportcert', '-rfc', '-file', certificate],
  ]) {
    const { status, stdout } = spawnSync('keytool', [...command, ...store], { encoding: 'utf8' })
    if (status !== 0) return `keytool could not make a key:\n${stdout}`
  }
  return undefined
}

/** Every node needs one; what is formatted does not remember it. */
const anyQuorum =
  'controller.quorum.voters=1@127.0.0.1:1\ncontroller.listener.names=CONTROLLER\nlisteners=PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:1\n'
