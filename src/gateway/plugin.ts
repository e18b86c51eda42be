import websocket from '@fastify/websocket'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { WebSocket } from 'ws'
import { asyncApi } from '../protocol/asyncapi.ts'
import { subprotocol } from '../protocol/close-codes.ts'
import type { HybridOptions } from '../streams/hybrid.ts'
import { openStream } from '../streams/open-stream.ts'
import { registerApi } from './api-routes.ts'
import { callerOf } from './auth/bearer.ts'
import { localOnly } from './auth/local-only.ts'
import { testPrincipal } from './authenticator.ts'
import { closeGraceMs } from './connections.ts'
import { registerDemo } from './demo-routes.ts'
import { Hub } from './hub.ts'
import { livePage, registerPageAssets } from './live-page.ts'
import { isAllowedOrigin } from './origin.ts'
import { registerOps } from './ops-routes.ts'
import { registerOtlp } from './otlp/otlp-routes.ts'
import { acceptsTestTokens, hasKey, resolveGateway } from './settings.ts'
import type { GatewayOptions, GatewaySettings } from './settings.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Before `close`: `/readyz` says that the gateway is going, while everybody is still served for `drainDelayMs`. */
    leaveGateway(): Promise<void>
  }
}

/**
 * Fragments and buffered chunks of one message, since many tiny ones would cost far more memory than they carry, and milliseconds
 * for the answer to a close.
 */
const socketLimits = { maxFragments: 256, maxBufferedChunks: 4_096, closeTimeout: closeGraceMs }

/**
 * The gateway as a Fastify plugin: the WebSocket feed on `/` and `/ws`, `/healthz`, `/readyz`, `/metrics` and the API.
 * Rejects with AUREN_OPTIONS_INVALID, AUREN_GATEWAY_INSECURE or AUREN_GATEWAY_KEY_INVALID instead of starting wrong.
 */
export const gateway = fp<GatewayOptions>(
  async (app, options) => {
    const settings = resolveGateway(options, process.env)
    const { stream: given } = settings
    const stream =
      typeof given === 'object' ? given : await openStream(given, { ...fallBack(settings), onSwitch: told(app.log) })
    // Before anything can fail: a gateway that refuses to start must not stay behind with an open stream.
    app.addHook('onClose', async () => {
      if (stream !== given) await stream.close()
    })
    const hub = new Hub(settings, stream, app.log)
    app.decorate('leaveGateway', () => hub.leave())
    if (acceptsTestTokens(settings)) {
      app.log.warn(
        'tokens that begin with "test" are accepted and see everything; set a key for anything but development',
      )
    }
    await app.register(websocket, {
      options: {
        maxPayload: settings.maxMessageBytes,
        perMessageDeflate: false,
        ...socketLimits,
        // Without a say of ours ws would agree to whatever is offered first.
        handleProtocols: (offered: ReadonlySet<string>) => offered.has(subprotocol) && subprotocol,
      },
      // Ours, because the default closes every client first and without a reason.
      preClose: async () => {
        await hub.close()
        app.websocketServer.close()
      },
    })
    endRefused(app)
    await app.register(async (scope) => {
      if (!hasKey(settings)) scope.addHook('onRequest', localOnly)
      await registerRoutes(scope, app, hub)
    })
  },
  { name: 'auren-gateway', fastify: '5.x' },
)

/**
 * What Fastify refuses before any hook, as an address that is none or a request while it closes, it leaves open: nobody else
 * knows such a connection any more, and the server would not close before its client does.
 */
function endRefused(app: FastifyInstance): void {
  const timers = new WeakMap<object, NodeJS.Timeout>()
  // First: whoever is let in at once has a timer by then.
  app.server.prependListener('upgrade', (_request, socket) => {
    timers.set(socket, setTimeout(() => socket.destroy(), closeGraceMs).unref())
  })
  app.websocketServer.on('connection', (_socket, { socket: connection }) => {
    clearTimeout(timers.get(connection))
    timers.delete(connection)
  })
}

function fallBack({ fallBackMs }: GatewaySettings): Pick<HybridOptions, 'fallBackMs'> {
  return fallBackMs === undefined ? {} : { fallBackMs }
}

function told(log: FastifyBaseLogger): (stream: string) => void {
  return (stream) => log.warn({ stream }, 'another stream of the list is read from now on')
}

/** In a scope of their own, so that what holds for them does not hold for other routes of the application. */
async function registerRoutes(scope: FastifyInstance, app: FastifyInstance, hub: Hub): Promise<void> {
  const { settings } = hub
  const upgrades = {
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => {
      if (request.ws && !isAllowedOrigin(request.headers, settings.allowedOrigins)) await reply.code(403).send()
    },
    wsHandler: (socket: WebSocket, request: FastifyRequest) =>
      hub.accept(socket, request.raw.socket, callerOf(request)),
  }
  scope.get('/', { ...upgrades, handler: (_request, reply) => livePage(reply) })
  await registerPageAssets(scope)
  scope.get('/ws', { ...upgrades, handler: (_request, reply) => reply.code(426).header('upgrade', 'websocket').send() })
  const contract = asyncApi()
  scope.get('/asyncapi.json', () => contract)
  registerOps(scope, app, hub, settings)
  registerApi(scope, hub)
  registerDemo(scope, hub)
  await registerOtlp(scope, {
    ingest: hub.ingest,
    authenticate: hub.authenticate,
    refused: (caller) => hub.refused(caller),
    anonymous: acceptsTestTokens(settings) ? testPrincipal : undefined,
  })
}
