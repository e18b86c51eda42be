import type { FastifyReply, FastifyRequest } from 'fastify'
import { AurenError } from '../../errors.ts'
import type { Authenticate } from '../authenticator.ts'
import type { Principal } from '../principal.ts'
import type { Caller } from './refusals.ts'

export function callerOf({ ip, headers }: FastifyRequest): Caller {
  return { address: ip, origin: headers.origin }
}

/** The bearer token of a request; undefined when it has none. Query strings and cookies are never looked at. */
export function bearerToken({ headers }: FastifyRequest): string | undefined {
  return headers.authorization === undefined ? undefined : (/^Bearer (\S+)$/i.exec(headers.authorization)?.[1] ?? '')
}

/** Who asks; undefined when the request was answered instead: 401, or 503 where tokens cannot be checked now. */
export async function requirePrincipal(
  request: FastifyRequest,
  reply: FastifyReply,
  gateway: { readonly authenticate: Authenticate; refused(caller: Caller): void },
): Promise<Principal | undefined> {
  try {
    return await gateway.authenticate(bearerToken(request) ?? '')
  } catch (error) {
    const { code, message } = error instanceof AurenError ? error : new AurenError('AUREN_AUTH_FAILED')
    if (code === 'AUREN_KEYS_UNAVAILABLE') {
      await reply.code(503).header('retry-after', 5).send({ code, message })
      return undefined
    }
    gateway.refused(callerOf(request))
    await reply.code(401).header('www-authenticate', 'Bearer').send({ code, message })
    return undefined
  }
}
