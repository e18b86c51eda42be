import websocket from '@fastify/websocket'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import { prometheusContentType } from '../exporters/prometheus-text.ts'
import { asyncApi } from '../protocol/asyncapi.ts'
import { subprotocol } from '../protocol/close-codes.ts'
import { openStream } from '../streams/open-stream.ts'
import { registerApi } from './api-routes.ts'
import { testPrincipal } from './authenticator.ts'
import { Hub } from './hub.ts'
import { isAllowedOrigin } from './origin.ts'
import { registerOtlp } from './otlp/otlp-routes.ts'
import { acceptsTestTokens, resolveGateway } from './settings.ts'
import type { GatewayOptions } from './settings.ts'
import { welcomePage } from './welcome-page.ts'

/** Fragments and buffered chunks of one message: many tiny ones would cost far more memory than they carry. */
const frameLimits = { maxFragments: 256, maxBufferedChunks: 4_096 }

/**
 * The gateway as a Fastify plugin: the WebSocket feed on `/` and `/ws`, `/healthz`, `/readyz`, `/metrics` and the API.
 * Rejects with AUREN_OPTIONS_INVALID, AUREN_GATEWAY_INSECURE or AUREN_GATEWAY_KEY_INVALID instead of starting wrong.
 */
export const gateway = fp<GatewayOptions>(
  async (app, options) => {
    const settings = resolveGateway(options, process.env)
    const { stream: given } = settings
    const stream = typeof given === 'object' ? given : await openStream(given)
    // Before anything can fail: a gateway that refuses to start must not stay behind with an open stream.
    app.addHook('onClose', async () => {
      if (stream !== given) await stream.close()
    })
    const hub = new Hub(settings, stream, app.log)
    if (acceptsTestTokens(settings)) {
      app.log.warn(
        'tokens that begin with "test" are accepted and see everything; set a key for anything but development',
      )
    }
    await app.register(websocket, {
      options: {
        maxPayload: settings.maxMessageBytes,
        perMessageDeflate: false,
        ...frameLimits,
        // Without a say of ours ws would agree to whatever is offered first.
        handleProtocols: (offered: ReadonlySet<string>) => offered.has(subprotocol) && subprotocol,
      },
      // Ours, because the default closes every client first and without a reason.
      preClose: async () => {
        await hub.close()
        app.websocketServer.close()
      },
    })
    const checkOrigin = async (request: FastifyRequest, reply: FastifyReply) => {
      if (request.ws && !isAllowedOrigin(request.headers, settings.allowedOrigins)) await reply.code(403).send()
    }
    const upgrades = {
      onRequest: checkOrigin,
      wsHandler: (socket: WebSocket, request: FastifyRequest) => hub.accept(socket, request.raw.socket),
    }
    app.get('/', { ...upgrades, handler: (_request, reply) => welcomePage(reply) })
    app.get('/ws', { ...upgrades, handler: (_request, reply) => reply.code(426).header('upgrade', 'websocket').send() })
    const contract = asyncApi()
    app.get('/asyncapi.json', () => contract)
    app.get('/healthz', () => ({ status: 'ok' }))
    app.get('/readyz', (_request, reply) => {
      const reason = hub.unready
      return reason === null ? { status: 'ready' } : reply.code(503).send({ status: 'unready', reason })
    })
    app.get('/metrics', async (_request, reply) => reply.type(prometheusContentType).send(await hub.metrics.render()))
    registerApi(app, hub)
    await registerOtlp(app, {
      ingest: hub.ingest,
      authenticate: hub.authenticate,
      anonymous: acceptsTestTokens(settings) ? testPrincipal : undefined,
    })
  },
  { name: 'auren-gateway', fastify: '5.x' },
)
