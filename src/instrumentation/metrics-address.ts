import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { warn } from '../exporters/warn.ts'

/**
 * `host:port` at which others reach a metrics page: `given` (a host, or host and port), else the host it listens on, for all
 * interfaces the first address of this machine. Undefined where only this machine reaches it and nobody says otherwise.
 */
export function reachableAddress(listensOn: URL, given: string | undefined): string | undefined {
  const host = listensOn.hostname.replace(/^\[(.*)\]$/, '$1')
  if (given !== undefined) return addressOf(given, listensOn.port)
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return undefined
  const reached = host === '0.0.0.0' || host === '::' ? firstAddress() : host
  return reached && `${isIPv6(reached) ? `[${reached}]` : reached}:${listensOn.port}`
}

function addressOf(given: string, ownPort: string): string | undefined {
  const { hostname = '', port = '', pathname } = URL.parse(`http://${isIPv6(given) ? `[${given}]` : given}`) ?? {}
  // Port 80 is the one that a URL does not show.
  const isPlain = hostname !== '' && pathname === '/' && !/[@?#/]/.test(given)
  if (isPlain) return `${hostname}:${port || (given.endsWith(':80') ? '80' : ownPort)}`
  warn('AUREN_METRICS_ADDRESS is to be a host, or a host and a port such as agent-1.example:9464; none is told')
  return undefined
}

/** Not the loopback, and no address that only its own network segment knows. */
function firstAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses)
  const outside = all.filter(({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/i.test(address))
  return (outside.find(({ family }) => family === 'IPv4') ?? outside[0])?.address
}
