import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { errorMessages } from '../../src/errors.ts'
import { permissions } from '../../src/protocol/permissions.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'
import { freePort } from '../support/free-port.ts'
import { auren, root, startGatewayProcess, startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'

const pages = ['README.md', ...globSync('docs/*.md', { cwd: root })]
const read = (page: string) => readFileSync(join(root, page), 'utf8')

function blocks(language: string) {
  return pages.flatMap((page) =>
    [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code = ''], index) => ({
      name: `${page} #${index + 1}`,
      code,
    })),
  )
}

describe('the code in the docs', () => {
  it.each(blocks('js'))('$name runs and ends', async ({ code }) => {
    const log = temporaryLog()
    const gateway = await startGatewayProcess(log)
    const folder = join(root, 'test/docs/.snippets')
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `snippet-${process.pid}-${performance.now()}.mjs`)
    onTestFinished(() => rmSync(file))
    // Inside the package, so that its own name resolves; in a folder of its own, so that its files land there.
    writeFileSync(
      file,
      `process.chdir(${JSON.stringify(temporaryFolder())});\n${code.replaceAll('127.0.0.1:8765', new URL(gateway.url).host)}`,
    )
    const snippet = startNode([file], { AUREN_STREAM_URL: log, OTEL_EXPORTER_PROMETHEUS_PORT: '0' })
    const stream = await openStream(log)
    onTestFinished(() => stream.close())
    await until('it has ended', async () => {
      // Snippets that follow the feed end with the next execution.
      await stream.append([anEvent({ event_type: 'agent_execution_completed', event_id: `${performance.now()}` })])
      return snippet.child.exitCode !== null
    })
    expect(snippet.stderr()).toBe('')
    expect(snippet.child.exitCode).toBe(0)
  })

  it('names only commands and flags that exist', async () => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts
    const lines = blocks('sh').flatMap(({ code }) => code.split('\n'))
    for (const [, script = ''] of lines.join('\n').matchAll(/npm (?:run )?(\w[\w:]*)/g)) {
      expect(['ci', 'install', ...Object.keys(scripts)]).toContain(script)
    }
    const calls = lines.flatMap((line) => {
      const [, command = '', rest = ''] = /npx auren (\w+)(.*)/.exec(line) ?? []
      return command === '' ? [] : [{ command, flags: rest.split('#')[0]?.match(/--[\w-]+/g) ?? [] }]
    })
    const helps = new Map(calls.map(({ command }) => [command, auren([command, '--help'])]))
    for (const { command, flags } of calls) {
      const help = helps.get(command)
      expect(await help?.exited(), command).toBe(0)
      for (const flag of flags) expect(help?.stdout(), command).toContain(flag)
    }
    expect(calls.length).toBeGreaterThan(10)
  })

  it('links only to files that exist', () => {
    for (const page of pages) {
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
        expect(() => readFileSync(join(root, page, '..', target)), `${page} → ${target}`).not.toThrow()
      }
    }
  })
})

describe('the page of errors', () => {
  it('lists exactly the codes of the table', () => {
    const listed = [...read('docs/errors.md').matchAll(/^\| `(AUREN_\w+)`/gm)].map(([, code]) => code)
    expect(listed).toEqual(Object.keys(errorMessages))
  })
})

describe('the page of security', () => {
  it('lists exactly the permissions that a token may have', () => {
    const [, rows = ''] = /^\| permission .*\n(?:\|.*\n)((?:\|.*\n)+)/m.exec(read('docs/security.md')) ?? []
    expect([...rows.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name)).toEqual(permissions)
  })
})

describe('the page of metrics', () => {
  it('names every metric that an agent and a gateway serve, and no other', async () => {
    const log = temporaryLog()
    const gateway = await startGatewayProcess(log, { AUREN_DAILY_BUDGET_USD: '20' })
    const port = await freePort()
    const demo = startNode(['dist/cli/main.js', 'demo', '--crew-only', '--stream', log], {
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    })
    const served = async (url: string) => {
      const text = await fetch(url).then((response) => response.text(), () => '') // prettier-ignore
      return new Set(
        [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'target_info'),
      )
    }
    const urls = [`http://127.0.0.1:${port}/metrics`, `${gateway.url}/metrics`]
    const page = documentedMetrics(read('docs/metrics.md'))
    let names = new Set<string>()
    const areAll = async () => {
      names = new Set((await Promise.all(urls.map(served))).flatMap((some) => [...some]))
      return [...page].every((name) => names.has(name))
    }
    // Most metrics come with what they count. What never comes, the comparison names.
    await until('the crew has done everything', areAll, 60_000).catch(() => undefined)
    expect(demo.child.exitCode).toBeNull()
    expect([...names].toSorted()).toEqual([...page].toSorted())
  }, 120_000)
})

/** Names in the first column of the tables; `_suffix` stands for the first name of its row with another ending. */
function documentedMetrics(text: string): Set<string> {
  const names = new Set<string>()
  for (const [, cell = ''] of text.matchAll(/^\| (`(?:auren|gen_ai|nodejs|v8js)_[^|]*)\|/gm)) {
    const [first = '', ...others] = [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
    const stem = /^(?:auren_(?:exporter|gateway|stream)|nodejs_eventloop_delay)/.exec(first)?.[0] ?? ''
    for (const name of [first, ...others]) names.add(name.startsWith('_') ? stem + name : name)
  }
  return names
}
