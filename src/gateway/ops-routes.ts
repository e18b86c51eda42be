import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { prometheusContentType } from '../exporters/prometheus-text.ts'
import { requirePrincipal } from './auth/bearer.ts'
import type { Hub } from './hub.ts'
import { hasKey } from './settings.ts'
import type { GatewaySettings } from './settings.ts'

/** Permission of tokens that may read `/metrics`, which are about all tenants. */
const permission = 'metrics'

/**
 * `/healthz`, `/readyz` and `/metrics`. With an ops port the figures and the reasons are served there alone, without a token;
 * otherwise here, and where a key is set `/metrics` needs a token with the permission `metrics`.
 */
export function registerOps(app: FastifyInstance, root: FastifyInstance, hub: Hub, settings: GatewaySettings): void {
  const metrics = async (reply: FastifyReply) => reply.type(prometheusContentType).send(await hub.metrics.render())
  const isApart = settings.opsPort !== undefined
  addHealth(app, hub, isApart)
  if (isApart) {
    const ops = Fastify()
    addHealth(ops, hub, false)
    ops.get('/metrics', (_request, reply) => metrics(reply))
    root.addHook('onReady', async () => {
      const url = await ops.listen({ host: settings.opsHost, port: settings.opsPort ?? 0 })
      root.log.info({ url: `${url}/metrics` }, 'metrics listening')
    })
    root.addHook('onClose', () => ops.close())
    return
  }
  app.get('/metrics', async (request, reply) => {
    if (hasKey(settings)) {
      const principal = await requirePrincipal(request, reply, hub)
      if (principal === undefined) return reply
      if (!principal.permissions.has(permission)) {
        return reply.code(403).send({ message: `The token lacks the permission ${permission}.` })
      }
    }
    return metrics(reply)
  })
}

function addHealth(app: FastifyInstance, hub: Hub, isBrief: boolean): void {
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const reason = hub.unready
    if (reason === null) return { status: 'ready' }
    return reply.code(503).send({ status: 'unready', ...(isBrief ? {} : { reason }) })
  })
}
