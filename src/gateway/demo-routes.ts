import type { FastifyInstance } from 'fastify'
import { requirePrincipal } from './auth/bearer.ts'
import type { Hub } from './hub.ts'

/** `/api/demo`: whether the live page may offer a demo, and its start. It writes to the stream, so it takes who may see everything. */
export function registerDemo(app: FastifyInstance, hub: Hub): void {
  const { startDemo } = hub.settings
  app.get('/api/demo', async (request, reply) => {
    const principal = await requirePrincipal(request, reply, hub)
    if (principal === undefined) return reply
    return { available: startDemo !== undefined && principal.permissions.has('all') }
  })
  app.post('/api/demo/start', async (request, reply) => {
    const principal = await requirePrincipal(request, reply, hub)
    if (principal === undefined) return reply
    if (startDemo === undefined) return reply.code(404).send({ message: 'This gateway starts no demo.' })
    if (!principal.permissions.has('all')) {
      return reply.code(403).send({ message: 'The token lacks the permission all.' })
    }
    startDemo()
    return reply.code(202).send({ message: 'The demo is started.' })
  })
}
