import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from '../settings.ts'

/**
 * Where nobody set a key, only this machine may ask, and only by a name of this machine: a page that a browser believes to
 * come from elsewhere can reach a loopback address, too, when its own name leads there (DNS rebinding).
 */
export async function localOnly(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { localAddress } = request.socket
  const isHere = localAddress === undefined || isLoopback(localAddress.replace(/^::ffff:/, ''))
  if (!isHere || !isLoopback(hostName(request.headers.host))) {
    await reply.code(403).send({ message: 'Without a key the gateway answers on a loopback address and name only.' })
  }
}

function hostName(host: string | undefined): string {
  return URL.parse(`http://${host ?? ''}`)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? ''
}
