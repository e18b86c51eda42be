import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocketServer } from 'ws'
import { isNodeTooOld } from '../../src/cli/version.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { anEvent } from '../support/events.ts'
import { secret } from '../support/gateway.ts'
import { auren, startGatewayProcess, temporaryFolder, temporaryLog } from '../support/processes.ts'
import { until } from '../support/until.ts'

describe('auren tail, in trouble', { timeout: 180_000 }, () => {
  it.each([
    ['a url that is none', ['--url', 'nowhere'], /url is to begin with ws:/],
    ['an event type that is none', ['--type', 'tool_usag'], /--type is one of .*tool_usage/],
  ])('refuses %s in one line', async (_name, args, message) => {
    const tail = auren(['tail', ...args])
    expect(await tail.exited()).toBe(1)
    expect(tail.stderr()).toMatch(/^auren: .*\n$/)
    expect(tail.stderr()).toMatch(message)
  })

  it('does not blame the token when the gateway ends the connection for another reason', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    server.on('connection', (socket) => socket.close(1008, 'rate_limit'))
    await once(server, 'listening')
    const tail = auren(['tail', '--url', `ws://127.0.0.1:${(server.address() as AddressInfo).port}`])
    expect(await tail.exited()).toBe(1)
    expect(tail.stderr()).toBe('auren: the gateway ended the connection for good (rate_limit).\n')
  })

  it('says that the connection was lost and is back, for pipes too', async () => {
    const log = temporaryLog()
    const first = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', first.url, '--json'])
    await until('it is connected', () => tail.stderr().includes('connected to'))
    first.child.kill('SIGTERM')
    await until('it says so', () => tail.stderr().includes('the connection was lost (server_draining)'))
    auren(['gateway', '--port', new URL(first.url).port, '--stream', log])
    const back = 'connected again'
    await until('it is back', () => tail.stderr().includes(back))
    expect(tail.stdout()).toBe('')
  })

  it('ends well when the reader of its pipe is gone', async () => {
    const log = temporaryLog()
    const { url } = await startGatewayProcess(log)
    const tail = auren(['tail', '--url', url, '--json'])
    await until('it is connected', () => tail.stderr().includes('connected to'))
    tail.child.stdout?.destroy()
    const stream = await openStream(log)
    onTestFinished(() => stream.close())
    await until('it has noticed', async () => {
      await stream.append([anEvent()])
      return tail.child.exitCode !== null
    })
    expect(await tail.exited()).toBe(0)
    expect(tail.stderr()).not.toContain('EPIPE')
  })
})

describe('auren gateway, in trouble', () => {
  it('says what to do when it cannot listen where it was told to', async () => {
    const { url } = await startGatewayProcess(temporaryLog())
    const taken = auren(['gateway', '--port', new URL(url).port, '--stream', temporaryLog()])
    expect(await taken.exited()).toBe(1)
    expect(taken.stderr()).toMatch(/^auren: it cannot listen on 127\.0\.0\.1, port \d+ \(EADDRINUSE\)\. .*--port.*\n$/)
    // An address for documentation (RFC 5737), which no machine has.
    const foreign = auren(['gateway', '--port', '0', '--host', '192.0.2.1', '--stream', temporaryLog()], {
      AUREN_JWT_SECRET: secret,
    })
    expect(await foreign.exited()).toBe(1)
    expect(foreign.stderr()).toMatch(/^auren: .*EADDRNOTAVAIL.*--host.*\n$/)
  })
})

describe('auren demo, in trouble', { timeout: 180_000 }, () => {
  it('ends with its crew and its files when nobody reads its output any more', async () => {
    const folder = temporaryFolder()
    const demo = auren(['demo', '--rate', '60'], { TMPDIR: folder })
    await until('it runs', () => demo.stdout().includes('started'))
    expect(readdirSync(folder)).toHaveLength(1)
    demo.child.stdout?.destroy()
    expect(await demo.exited()).toBe(0)
    expect(demo.stderr()).toBe('')
    expect(readdirSync(folder)).toEqual([])
  })

  it('leaves the log of real agents alone', async () => {
    const folder = temporaryFolder()
    const demo = auren(['demo', '--duration', '2'], {
      TMPDIR: folder,
      AUREN_STREAM_URL: `sqlite:${join(folder, 'real.db')}`,
    })
    expect(await demo.exited()).toBe(0)
    expect(existsSync(join(folder, 'real.db'))).toBe(false)
  })

  it('says that its stream cannot be had, in one line', async () => {
    const demo = auren(['demo', '--stream', 'redis://127.0.0.1:1'])
    expect(await demo.exited()).toBe(1)
    expect(demo.stderr()).toMatch(/^auren: the demo has no stream: .*\n$/)
  })
})

describe('the commands together', () => {
  it('make and accept a token with a secret that came from a file, with its line break', async () => {
    const env = { AUREN_JWT_SECRET: `${secret}\n` }
    const token = auren(['token', '--user', 'ann', '--permission', 'all'], env)
    expect(await token.exited()).toBe(0)
    const { url } = await startGatewayProcess(temporaryLog(), env)
    const tail = auren(['tail', '--url', url, '--token', token.stdout().trim()])
    await until('it is connected', () => tail.stderr().includes('connected to'))
  })

  it.each([
    ['20.20.2', true],
    ['22.14.9', true],
    ['22.15.0', false],
    ['23.0.0', false],
    ['24.21.0', false],
  ])('say at once whether Node %s is too old: %s', (version, tooOld) => {
    expect(isNodeTooOld(version)).toBe(tooOld)
  })
})
