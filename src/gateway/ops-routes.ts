import Fastify from 'fastify'
import type { FastifyInstance, onRequestAsyncHookHandler } from 'fastify'
import { prometheusContentType } from '../exporters/prometheus-text.ts'
import { requirePrincipal } from './auth/bearer.ts'
import { localOnly } from './auth/local-only.ts'
import type { Hub } from './hub.ts'
import { hasKey, isLoopback } from './settings.ts'
import type { GatewaySettings } from './settings.ts'
import { timeouts } from './timeouts.ts'

/**
 * `/healthz`, `/readyz`, and what is about all tenants: `/metrics`, and `/sd/agents`, where Prometheus finds agent processes.
 * With an ops port the figures and the reasons are served there alone, without a token; otherwise here, and where a key is set
 * they need a token with the permission `metrics`.
 */
export function registerOps(app: FastifyInstance, root: FastifyInstance, hub: Hub, settings: GatewaySettings): void {
  const isApart = settings.opsPort !== undefined
  addHealth(app, hub, isApart)
  if (isApart) {
    const ops = Fastify(timeouts)
    if (isLoopback(settings.opsHost)) ops.addHook('onRequest', localOnly)
    addHealth(ops, hub, false)
    addFigures(ops, hub)
    root.addHook('onReady', async () => {
      const url = await ops.listen({ host: settings.opsHost, port: settings.opsPort ?? 0 })
      root.log.info({ url: `${url}/metrics` }, 'metrics listening')
    })
    root.addHook('onClose', () => ops.close())
    return
  }
  addFigures(app, hub, hasKey(settings) ? mayReadFigures(hub) : undefined)
}

function addFigures(app: FastifyInstance, hub: Hub, onRequest?: onRequestAsyncHookHandler): void {
  const guarded = onRequest === undefined ? {} : { onRequest }
  app.get('/metrics', guarded, async (_request, reply) =>
    reply.type(prometheusContentType).send(await hub.metrics.render()),
  )
  app.get('/sd/agents', guarded, (_request, reply) => {
    // Prometheus goes on with what it knows after any answer but 200; a list that lacks somebody would end its scrapes.
    if (hub.unready !== null) return reply.code(503).send({ message: 'The stream is not being read; ask again.' })
    return hub.targets.list()
  })
}

function mayReadFigures(hub: Hub): onRequestAsyncHookHandler {
  return async (request, reply) => {
    const principal = await requirePrincipal(request, reply, hub)
    if (principal === undefined || principal.permissions.has('metrics')) return
    await reply.code(403).send({ message: 'The token lacks the permission metrics.' })
  }
}

function addHealth(app: FastifyInstance, hub: Hub, isBrief: boolean): void {
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const reason = hub.unready
    if (reason === null) return { status: 'ready' }
    return reply.code(503).send({ status: 'unready', ...(isBrief ? {} : { reason }) })
  })
}
