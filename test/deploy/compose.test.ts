import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, it } from 'vitest'
import { kafkaSettings } from '../../src/streams/kafka-settings.ts'
import { boards } from '../grafana/board-files.ts'
import { root } from '../support/processes.ts'

interface Service {
  readonly image: string
  readonly build?: string
  readonly user: string
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
  readonly restart: string
  readonly healthcheck: { readonly test: readonly string[] }
  readonly deploy: { readonly resources: { readonly limits: { readonly memory: string } } }
  readonly environment?: Readonly<Record<string, string>>
  readonly command?: readonly string[]
  readonly volumes?: readonly string[]
  readonly ports?: readonly string[]
  readonly expose?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly networks: readonly string[]
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const yamlOf = <T>(path: string) => parse(read(path), { merge: true }) as T
const compose = yamlOf<{ services: Record<string, Service>; volumes: Record<string, null> }>('docker-compose.yml')
const services = Object.entries(compose.services)
const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => read(join('src', path)))
  .join('\n')

describe('docker-compose.yml', () => {
  it.each(services)('runs %s pinned, confined, checked and without privileges', (name, service) => {
    expect(service.image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*$/)
    expect(service.user, 'not root').toMatch(/^(?!root|0(:|$))\S+$/)
    expect(service).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] })
    expect(service.read_only, 'read-only').toBe(name !== 'kafka')
    expect(service.restart).toBe('unless-stopped')
    for (const part of service.healthcheck.test) expect(typeof part).toBe('string')
    expect(service.deploy.resources.limits.memory).toMatch(/^\d+[mg]$/)
  })

  it.each(services)('shows %s to this machine only, and mounts nothing that it could change', (_name, service) => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
    for (const volume of service.volumes ?? []) {
      const [from = '', , mode] = volume.split(':')
      if (from.startsWith('./')) {
        expect(mode, volume).toBe('ro')
        expect(existsSync(join(root, from)), volume).toBe(true)
      } else expect(Object.keys(compose.volumes)).toContain(from)
    }
  })

  it('holds no secret and has no default for one', () => {
    for (const name of ['AUREN_JWT_SECRET', 'GRAFANA_ADMIN_PASSWORD']) {
      expect(read('docker-compose.yml')).toContain(`\${${name}:?`)
      expect(read('.env.example')).toMatch(new RegExp(`^${name}=$`, 'm'))
    }
    const asked = [...read('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
    for (const name of asked) expect(read('.env.example'), name).toMatch(new RegExp(`^${name}=`, 'm'))
  })

  it('gives our processes only commands, variables and ports that the code knows', () => {
    for (const [name, { build, environment, command = [] }] of services) {
      if (build === undefined) continue
      expect(source, name).toContain(`.command('${command[0]}'`)
      for (const option of command.filter((word) => word.startsWith('--'))) expect(source).toContain(`'${option}`)
      for (const variable of Object.keys(environment ?? {})) {
        if (variable.startsWith('AUREN_')) expect(source, variable).toContain(`'${variable}'`)
      }
    }
    expect(source).toContain('defaultPort = 8765')
    expect(source).toContain('defaultPort = 9464')
    const checks = compose.services['gateway']?.healthcheck.test.join(' ') ?? ''
    expect(source).toContain(/127\.0\.0\.1:8765(\/\w+)/.exec(checks)?.[1])
  })

  it('lets Prometheus scrape the services that there are, on the ports they serve', () => {
    const { scrape_configs: jobs, alerting } = yamlOf<{
      scrape_configs: {
        job_name: string
        static_configs?: { targets: string[] }[]
        http_sd_configs?: { url: string }[]
        file_sd_configs?: { files: string[] }[]
      }[]
      alerting: { alertmanagers: { static_configs: { targets: string[] }[] }[] }
    }>('prometheus.yml')
    const served = (host: string, port: string) => {
      const service = compose.services[host]
      const ports = [...(service?.ports ?? []).map((text) => text.split(':').at(-1)), ...(service?.expose ?? [])]
      expect(ports, `${host}:${port}`).toContain(port)
    }
    const targets = [...jobs, ...alerting.alertmanagers].flatMap(
      (job) => job.static_configs?.flatMap(({ targets: t }) => t) ?? [],
    )
    for (const target of targets.filter((text) => !text.startsWith('localhost'))) {
      const [host = '', port = ''] = target.split(':')
      served(host, port)
    }
    for (const { hostname, port, pathname } of jobs
      .flatMap((job) => job.http_sd_configs ?? [])
      .map(({ url }) => new URL(url))) {
      served(hostname, port)
      expect(source).toContain(`'${pathname}'`)
    }
    const files = jobs.flatMap((job) => job.file_sd_configs?.flatMap(({ files: f }) => f) ?? [])
    for (const file of files) expect(existsSync(join(root, file, '..')), file).toBe(true)
    expect(jobs.map(({ job_name }) => job_name)).toEqual(['auren-agent', 'auren-gateway', 'auren-redis', 'prometheus'])
  })

  it('gives the broker an address that the other services reach, and a way to it', () => {
    const { environment = {}, expose, volumes = [] } = compose.services['kafka'] ?? {}
    expect(environment['KAFKA_ADVERTISED_LISTENERS']).toBe('PLAINTEXT://kafka:9092')
    expect(expose).toContain('9092')
    expect(volumes[0]?.split(':')[1]).toBe(environment['KAFKA_LOG_DIRS'])
    for (const name of ['gateway', 'crew']) {
      expect(compose.services[name]?.environment?.['AUREN_STREAM_URL']).toBe('${STREAM_URL:-redis://redis:6379}')
    }
    const [url = ''] = /kafka:\/\/kafka\S+(?=,)/.exec(read('.env.example')) ?? []
    expect(kafkaSettings(url, {})).toMatchObject({
      topic: 'auren-events',
      connection: { bootstrapBrokers: ['kafka:9092'] },
    })
  })

  it('gives Grafana the data sources that the boards ask for, the boards, and no more than a look to strangers', () => {
    const { datasources } = yamlOf<{
      datasources: { uid: string; url: string; jsonData: { timeInterval?: string } }[]
    }>('grafana/provisioning/datasources/auren.yml')
    const asked = boards().flatMap((board) =>
      board.templating.list.flatMap((variable) =>
        variable.type === 'datasource' ? [(variable.current as { value: string }).value] : [],
      ),
    )
    expect([...new Set(asked)].toSorted()).toEqual(datasources.map(({ uid }) => uid).toSorted())
    for (const { url } of datasources) expect(Object.keys(compose.services)).toContain(new URL(url).hostname)
    const scraped = yamlOf<{ global: { scrape_interval: string } }>('prometheus.yml').global.scrape_interval
    expect(datasources[0]?.jsonData.timeInterval).toBe(scraped)
    const { providers } = yamlOf<{ providers: { options: { path: string } }[] }>(
      'grafana/provisioning/dashboards/auren.yml',
    )
    const { volumes = [], environment = {} } = compose.services['grafana'] ?? {}
    expect(volumes).toContain(`./grafana/dashboards:${providers[0]?.options.path}:ro`)
    const home = environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? ''
    expect(existsSync(join(root, home.replace(providers[0]?.options.path ?? '', 'grafana/dashboards')))).toBe(true)
    expect(environment).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: '${GRAFANA_ANONYMOUS:-false}',
      GF_AUTH_ANONYMOUS_ORG_ROLE: 'Viewer',
      GF_PLUGINS_PREINSTALL_AUTO_UPDATE: 'false',
    })
  })
})

describe('the Dockerfile', () => {
  it('copies only what exists, ends up as node, and starts the command that the package has', () => {
    const text = read('Dockerfile')
    for (const [, paths = ''] of text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)) {
      for (const path of paths.split(' ')) expect(existsSync(join(root, path)), path).toBe(true)
    }
    expect(text).toMatch(/^USER node$/m)
    expect(text).toContain('ENTRYPOINT ["node", "dist/cli/main.js"]')
    const [version] = /(?<=FROM node:)[\d.]+/.exec(text) ?? []
    expect(Number(version?.split('.')[0])).toBeGreaterThanOrEqual(22)
  })
})
