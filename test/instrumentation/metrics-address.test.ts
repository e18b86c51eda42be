import { networkInterfaces } from 'node:os'
import { describe, expect, it, vi } from 'vitest'
import { reachableAddress } from '../../src/instrumentation/metrics-address.ts'

describe('the address of a metrics page that others are told', () => {
  it.each([
    ['http://localhost:9464/metrics', undefined],
    ['http://127.0.0.2:9464/metrics', undefined],
    ['http://[::1]:9464/metrics', undefined],
    ['http://10.1.2.3:9464/metrics', '10.1.2.3:9464'],
    ['http://[fd00::1]:9464/metrics', '[fd00::1]:9464'],
    ['http://agent-1.example:9464/metrics', 'agent-1.example:9464'],
  ])('is for %s %s', (url, address) => {
    expect(reachableAddress(new URL(url), undefined)).toBe(address)
  })

  it.each(['http://0.0.0.0:40123/metrics', 'http://[::]:40123/metrics'])('is one of this machine for %s', (url) => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses = []) => addresses)
      .filter(({ internal }) => !internal)
    const told = reachableAddress(new URL(url), undefined)
    if (outside.length === 0) expect(told).toBeUndefined()
    else expect(outside.map(({ address, family }) => `${family === 'IPv6' ? `[${address}]` : address}:40123`)).toContain(told) // prettier-ignore
  })

  it.each([
    ['agent-1.example', 'agent-1.example:9464'],
    ['agent-1.example:19464', 'agent-1.example:19464'],
    ['agent-1.example:80', 'agent-1.example:80'],
    ['127.0.0.1', '127.0.0.1:9464'],
    ['fd00::1', '[fd00::1]:9464'],
    ['[fd00::1]:80', '[fd00::1]:80'],
  ])('is what it is told to be: %s is %s', (given, address) => {
    expect(reachableAddress(new URL('http://localhost:9464/metrics'), given)).toBe(address)
  })

  it.each(['http://a:1', 'a:1/path', 'user@a', 'a:many', 'a b'])('is none, and one warning, for %s', (given) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    expect(reachableAddress(new URL('http://0.0.0.0:9464/metrics'), given)).toBeUndefined()
    expect(warned).toHaveBeenCalledOnce()
    warned.mockRestore()
  })
})
