import type { AddressInfo } from 'node:net'
import Fastify, { LogController } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { gateway } from './plugin.ts'
import { resolveGateway } from './settings.ts'
import type { GatewayOptions } from './settings.ts'
import { timeouts } from './timeouts.ts'

export interface RunningGateway {
  /** Such as `http://127.0.0.1:8765`; the WebSocket has the same address with `ws:`. */
  readonly url: string
  readonly app: FastifyInstance
  /** Waits for `drainDelayMs`, closes every connection with 1001 `server_draining`, then the server. */
  close(): Promise<void>
}

export interface ServerOptions extends GatewayOptions {
  /** Pino level, default `info`; `silent` for none. */
  readonly logLevel?: string
}

/** Starts a gateway of its own and logs one JSON line with `"msg":"gateway listening"` and its `url`. */
export async function startGateway({ logLevel = 'info', ...options }: ServerOptions = {}): Promise<RunningGateway> {
  const settings = resolveGateway(options, process.env)
  const app = Fastify({
    // Query strings and headers may hold tokens: requests are not logged, and errors name the path only.
    logger: { level: logLevel, serializers: { req: ({ method, url }) => ({ method, path: url?.split('?')[0] }) } },
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    ...timeouts,
    // A busy machine is no reason not to start.
    pluginTimeout: 60_000,
    trustProxy: settings.trustProxy ?? false,
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ message: 'There is nothing here.' }))
  try {
    await app.register(gateway, options)
    await app.listen({ host: settings.host, port: settings.port, listenTextResolver: () => 'server listening' })
  } catch (error) {
    await app.close()
    throw error
  }
  const { address, family, port } = app.server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  app.log.info({ url }, 'gateway listening')
  const close = async () => {
    await app.leaveGateway()
    await app.close()
  }
  return { url, app, close }
}
