import type { FastifyReply, FastifyRequest } from 'fastify'
import { isLoopback } from '../settings.ts'

/**
 * Where nothing else is asked for, as without a key or on the ops port, only this machine may ask, and only by a name of this
 * machine: a page that a browser believes to come from elsewhere can reach a loopback address, too, when its own name leads
 * there (DNS rebinding).
 */
export async function localOnly(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { localAddress } = request.socket
  const isHere = localAddress === undefined || isLoopback(localAddress.replace(/^::ffff:/, ''))
  if (!isHere || !isLoopback(hostName(request.headers.host))) {
    await reply
      .code(403)
      .send({ message: 'Without a token this is answered on a loopback address and by a loopback name only.' })
  }
}

function hostName(host: string | undefined): string {
  return URL.parse(`http://${host ?? ''}`)?.hostname.replace(/^\[(.*)\]$/, '$1') ?? ''
}
