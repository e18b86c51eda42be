import { readFile } from 'node:fs/promises'
import { decodeJwt, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'
import { secret } from '../support/gateway.ts'
import { auren, startGatewayProcess, startProgram, temporaryLog } from '../support/processes.ts'
import { requireProgram } from '../support/programs.ts'
import { until } from '../support/until.ts'

async function appendTo(url: string, ...events: Parameters<typeof anEvent>[0][]) {
  const stream = await openStream(url)
  onTestFinished(() => stream.close())
  await stream.append(events.map(anEvent))
}

describe('auren', () => {
  it('shows its commands, and an unknown one or a bad option ends with an error', async () => {
    const help = auren(['--help'])
    expect(await help.exited()).toBe(0)
    for (const command of ['gateway', 'demo', 'tail', 'token']) expect(help.stdout()).toContain(command)
    for (const wrong of [['dance'], ['gateway', '--port', 'many'], ['token']]) {
      const command = auren(wrong)
      expect(await command.exited()).not.toBe(0)
      expect(command.stderr()).toMatch(/^error: /)
    }
  })
})

describe('auren token', () => {
  it('prints a token that the secret verifies, with the claims it was asked for', async () => {
    const args = [
      'token',
      '--user',
      'ann',
      '--tenant',
      'team',
      '--permission',
      'all',
      '--permission',
      'ingest',
      '--agent',
      'coach',
      '--ttl',
      '15m',
    ]
    const command = auren(args, { AUREN_JWT_SECRET: secret })
    expect(await command.exited()).toBe(0)
    const token = command.stdout().trim()
    await jwtVerify(token, new TextEncoder().encode(secret))
    const { exp = 0, iat = 0, ...claims } = decodeJwt(token)
    expect(claims).toEqual({ user_id: 'ann', tenant_id: 'team', permissions: ['all', 'ingest'], agents: ['coach'] })
    expect(exp - iat).toBe(900)
  })

  it.each([
    ['without a secret', {}, [], 'AUREN_JWT_SECRET'],
    ['with a short secret', { AUREN_JWT_SECRET: 'short' }, [], 'AUREN_JWT_SECRET'],
    ['with a time nobody understands', { AUREN_JWT_SECRET: secret }, ['--ttl', 'soon'], '--ttl'],
    ['with no time at all', { AUREN_JWT_SECRET: secret }, ['--ttl', '0s'], '1s or more'],
    ['with a permission that is none', { AUREN_JWT_SECRET: secret }, ['--permission', 'al'], 'all, ingest, metrics'],
  ])('refuses %s in one line', async (_name, env, more, named) => {
    const command = auren(['token', '--user', 'ann', ...more], env)
    expect(await command.exited()).toBe(1)
    expect(command.stderr()).toMatch(/^(?:auren|error): .*\n$/)
    expect(command.stderr()).toContain(named)
  })
})

describe('auren gateway', () => {
  it.each([
    ['on an open address without a key', ['--host', '0.0.0.0'], {}, /only listens on a loopback address/],
    ['with a short secret', [], { AUREN_JWT_SECRET: 'short' }, /32 bytes/],
    ['with a stream nobody understands', ['--stream', 'nonsense:s3cret'], {}, /stream URL is not understood/],
    ['with a limit that is no number', [], { AUREN_GATEWAY_MAX_CONNECTIONS: 'many' }, /AUREN_GATEWAY_MAX_CONNECTIONS/],
  ])('refuses to start %s, in one line that says what to do', async (_name, args, env, message) => {
    const command = auren(['gateway', '--port', '0', '--stream', temporaryLog(), ...args], env)
    expect(await command.exited()).toBe(1)
    expect(command.stderr()).toMatch(message)
    expect(command.stderr()).toMatch(/^auren: .*\n$/)
    expect(command.stderr()).not.toContain('s3cret')
  })

  it('warns that test tokens are accepted where no key is set, and not where one is', async () => {
    const open = await startGatewayProcess(temporaryLog())
    expect(open.stdout()).toContain('tokens that begin with \\"test\\" are accepted')
    const locked = await startGatewayProcess(temporaryLog(), { AUREN_JWT_SECRET: secret })
    expect(locked.stdout()).not.toContain('are accepted')
    expect(locked.stdout()).not.toContain(secret)
  })

  it('says in its log that the stream cannot be read, from the start, without the password', async () => {
    const gateway = auren(['gateway', '--port', '0', '--stream', 'redis://user:s3cret@127.0.0.1:1'])
    await until('it is said', () => gateway.stdout().includes('the stream cannot be read'))
    expect(gateway.stdout()).not.toContain('s3cret')
  })

  it('says so when its port is taken', async () => {
    const { url } = await startGatewayProcess(temporaryLog())
    const second = auren(['gateway', '--port', new URL(url).port, '--stream', temporaryLog()])
    expect(await second.exited()).toBe(1)
    expect(second.stderr()).toMatch(/^auren: .*EADDRINUSE.*\n$/)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('ends well on %s', async (signal) => {
    const gateway = await startGatewayProcess(temporaryLog())
    gateway.child.kill(signal)
    expect(await gateway.exited()).toBe(0)
  })
})

describe('auren tail', { timeout: 180_000 }, () => {
  it('prints a line an event for people, without control characters', async () => {
    const log = temporaryLog()
    const { url } = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', url, '--agent', 'coach', '--type', 'tool_usage'])
    await until('it is connected', () => tail.stderr().includes('connected'))
    const coach = { id: 'coach', role: 'Coach' }
    const payload = { tool_name: '\u001b[31mscales\u0007', execution_time_ms: 12 }
    await appendTo(
      log,
      { event_type: 'tool_usage' },
      { source_agent: coach },
      { event_type: 'tool_usage', source_agent: coach, payload },
    )
    await until('a line is there', () => tail.stdout().includes('\n'))
    expect(tail.stdout()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} coach {12}used {2}\[31mscales {1,2}\(12 ms\)\n$/)
    tail.child.kill('SIGINT')
    expect(await tail.exited()).toBe(0)
  })

  it('prints JSON for pipes and nothing else on stdout, over a restart of the gateway', async () => {
    const log = temporaryLog()
    const first = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', first.url, '--json'])
    await until('the gateway has its connection', async () => {
      return /^auren_gateway_connections 1$/m.test(await (await fetch(`${first.url}/metrics`)).text())
    })
    await until('an event is printed', async () => {
      await appendTo(log, { event_id: `before-${performance.now()}` })
      return tail.stdout().includes('before-')
    })
    first.child.kill('SIGKILL')
    await first.exited()
    const second = auren(['gateway', '--port', new URL(first.url).port, '--stream', log])
    await until('it listens again', () => second.stdout().includes('gateway listening'))
    const printed = async () => {
      await appendTo(log, { event_id: `after-${performance.now()}` })
      return tail.stdout().includes('after-')
    }
    await until('an event is printed after the restart', printed)
    for (const line of tail.stdout().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('event_id')
  })

  it('ends with an error when its token is refused', async () => {
    const { url } = await startGatewayProcess(temporaryLog(), { AUREN_JWT_SECRET: secret })
    const tail = auren(['tail', '--url', url, '--token', 'wrong'])
    expect(await tail.exited()).toBe(1)
    expect(tail.stderr()).toMatch(/^auren: The token was refused/)
  })

  it('says that nobody listens, and tries again', async () => {
    const tail = auren(['tail', '--url', 'ws://127.0.0.1:1'])
    await until('it says so', () => tail.stderr().includes('cannot be reached'))
    expect(tail.child.exitCode).toBeNull()
  })
})

describe('auren demo', { timeout: 180_000 }, () => {
  it('shows the crew at work from a process of its own, and Ctrl-C ends all of it', async () => {
    const demo = auren(['demo'])
    const call = / asked gpt-5-mini \(\d+ → \d+ tokens, \$/
    await until('a model call is on the screen', () => call.test(demo.stdout()))
    expect(demo.stdout()).toMatch(/Live page: http:\/\/127\.0\.0\.1:\d+\/#token=test\n/)
    expect(demo.stdout()).toMatch(/npx auren tail --url ws:\/\/127\.0\.0\.1:\d+ --token test\n/)
    const crew = await firstChildOf(demo.child.pid ?? 0)
    demo.child.kill('SIGINT')
    expect(await demo.exited()).toBe(0)
    await until('the crew is gone', () => !isAlive(crew))
    expect(demo.stdout()).toMatch(/\nauren demo: \d+ events of \d+ agents? in .*; [1-9]\d* model calls?, .* failed\n$/)
    expect(demo.stdout()).not.toContain('\r')
  })

  it('keeps the totals so far in a line below the feed, in a terminal', async () => {
    const args = [
      '--quiet',
      '--return',
      '--command',
      `exec ${process.execPath} dist/cli/main.js demo --rate 60`,
      '/dev/null',
    ]
    const demo = startProgram(requireProgram('script', 'bsdutils'), args, { TERM: 'xterm', NO_COLOR: '' })
    const erase = '\r\u001b[K'
    await until('the line is there', () =>
      / used .*\r?\n\d+ events of .* failed/.test(demo.stdout().replaceAll(erase, '')),
    )
    expect(demo.stdout()).toContain(`${erase}the crew starts …`)
    process.kill(await firstChildOf(demo.child.pid ?? 0), 'SIGINT')
    expect(await demo.exited()).toBe(0)
    expect(demo.stdout().split(erase).at(-1)).toMatch(/^auren demo: \d+ events of .* failed\r\n$/)
  })

  it('takes another port when the usual one is taken', async () => {
    const [one, two] = [auren(['demo', '--duration', '60']), auren(['demo', '--duration', '60'])]
    const addresses = await until('both run', () => {
      const found = [one, two].map((demo) => /Live page: (\S+)\/#token/.exec(demo.stdout())?.[1])
      return found.every(Boolean) && found
    })
    expect(new Set(addresses).size).toBe(2)
  })

  it('leaves no crew behind when it is killed, and says so when the crew is', async () => {
    const demo = auren(['demo'])
    await until('it runs', () => demo.stdout().includes('started'))
    const first = await firstChildOf(demo.child.pid ?? 0)
    process.kill(first, 'SIGKILL')
    await until('it is said', () => demo.stderr().includes('the crew has ended (SIGKILL)'))
    demo.child.kill('SIGINT')
    expect(await demo.exited()).toBe(0)

    const killed = auren(['demo'])
    await until('it runs', () => killed.stdout().includes('started'))
    const crew = await firstChildOf(killed.child.pid ?? 0)
    killed.child.kill('SIGKILL')
    await until('its crew is gone', () => !isAlive(crew))
  })
})

/** The process id of the crew, or of the demo in a terminal: the only child that there is. */
async function firstChildOf(pid: number): Promise<number> {
  const children = await until('it runs', async () => {
    return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim()
  })
  return Number(children.split(' ')[0])
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
