// One of the servers that are compared: `server.ts <kind> <redis url> [options]`. All of them read a real Redis stream.
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Redis } from 'ioredis'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { startGateway } from '../../src/gateway/server.ts'
import type { GatewayOptions } from '../../src/gateway/settings.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { tell } from './messages.ts'
import type { Order } from './messages.ts'

const [kind = '', redis = '', options = '{}'] = process.argv.slice(2)
process.on('message', (order: Order) => {
  if (!('usage' in order)) return
  const { user, system } = process.cpuUsage()
  if (order.usage === 'memory') globalThis.gc?.()
  const { rss, heapUsed: heap } = process.memoryUsage()
  tell({ cpuSeconds: (user + system) / 1e6, rss, heap, descriptors: readdirSync('/proc/self/fd').length })
})

// Nobody is left behind by a measurement that was broken off.
process.on('disconnect', () => process.exit())
tell({ ready: await start() })

async function start(): Promise<string> {
  if (kind === 'auren') return auren()
  return kind === 'socket.io' ? socketIo() : bareLoop(kind === 'stringify')
}

async function auren(): Promise<string> {
  const many = 100_000
  const perClient = { maxConnectionsPerUser: many, maxPendingPerAddress: many }
  const room = { maxConnections: many, connectionsPerSecond: many, ...perClient }
  const more = JSON.parse(options) as GatewayOptions
  return (await startGateway({ stream: redis, port: 0, logLevel: 'silent', ...room, ...more })).url
}

/** What one writes first: a loop that reads the stream and sends each event to each client that wants it. */
async function bareLoop(perClient: boolean): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  const clients = new Map<WebSocket, ReadonlySet<string>>()
  server.on('connection', (socket) => {
    socket.on('close', () => clients.delete(socket))
    socket.once('message', (data: Buffer) => {
      clients.set(socket, new Set((JSON.parse(data.toString()) as { agent_filter: string[] }).agent_filter))
      socket.send('{"type":"connection_established"}')
    })
  })
  await new Promise((resolve) => server.once('listening', resolve))
  void (async () => {
    const stream = await openStream(redis)
    let { last: position } = await stream.info()
    for (;;) {
      const page = await stream.read(position, { limit: 512, waitMs: 5_000 })
      position = page.next
      for (const { id, event } of page.entries) {
        const shared = perClient ? '' : JSON.stringify({ type: 'stream_event', id, event })
        for (const [socket, agents] of clients) {
          if (agents.size > 0 && !agents.has(event.source_agent?.id ?? '')) continue
          socket.send(perClient ? JSON.stringify({ type: 'stream_event', id, event }) : shared)
        }
      }
    }
  })()
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Socket.IO as its documentation has it, with rooms for what a client does not want to see. */
async function socketIo(): Promise<string> {
  const http = createServer()
  const client = new Redis(redis, { protocol: 2 })
  const io = new Server(http, { adapter: createAdapter(client), transports: ['websocket'], perMessageDeflate: false })
  io.on('connection', (socket) => {
    const { group } = socket.handshake.auth as { group: number }
    void socket.join(`without-${group}`)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}
