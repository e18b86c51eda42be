import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AurenError } from '../errors.ts'
import type { Hub } from './hub.ts'
import type { Principal } from './principal.ts'

/** `GET /api/events` and `/api/summary`: what the feed would show, over HTTP, by the same rule. */
export function registerApi(app: FastifyInstance, hub: Hub): void {
  const authenticated = async (request: FastifyRequest, reply: FastifyReply): Promise<Principal | undefined> => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? ''
    try {
      return await hub.authenticate(token)
    } catch (error) {
      hub.refused()
      const { code, message } = error instanceof AurenError ? error : new AurenError('AUREN_AUTH_FAILED')
      await reply.code(401).header('www-authenticate', 'Bearer').send({ code, message })
      return undefined
    }
  }

  app.get<{ Querystring: { limit?: string; type?: string | string[] } }>('/api/events', async (request, reply) => {
    const principal = await authenticated(request, reply)
    if (principal === undefined) return reply
    const { limit, type } = request.query
    const types = type === undefined ? [] : [type].flat()
    const { events, truncated } = await hub.recent(principal, { limit: Number(limit ?? 100), types, knows: () => true })
    return { events, count: events.length, ...(truncated ? { truncated } : {}) }
  })

  app.get('/api/summary', async (request, reply) => {
    const principal = await authenticated(request, reply)
    return principal === undefined ? reply : hub.summary(principal, 0).data
  })
}
