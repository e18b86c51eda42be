import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** A network link to a server on this machine that can be made bad while it is used. */
export interface Link {
  readonly url: string
  /** Where it leads; a change shows with the next connection, as a failover by DNS does. */
  port: number
  /** Milliseconds that each chunk of bytes waits, in both directions. */
  delayMs: number
  /** Bytes of replies that are thrown away from now on; the connection is cut with the first of them. */
  loseNextReply: boolean
  /** Replies that were thrown away so far. */
  readonly lostReplies: number
}

export async function startLink(target: { readonly port: number }): Promise<Link> {
  const sockets = new Set<Socket>()
  let lostReplies = 0
  const server = createServer((inside) => {
    const outside = connect(link.port, '127.0.0.1')
    for (const socket of [inside, outside]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => [inside, outside].forEach((end) => end.destroy()))
    }
    const slowly = () =>
      new Transform({
        transform: (chunk: Buffer, _encoding, done) => {
          if (link.delayMs === 0) done(null, chunk)
          else void sleep(link.delayMs).then(() => done(null, chunk))
        },
      })
    const replies = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (!link.loseNextReply) return done(null, chunk)
        link.loseNextReply = false
        lostReplies += 1
        inside.destroy()
        done()
      },
    })
    inside.pipe(slowly()).pipe(outside)
    outside.pipe(replies).pipe(slowly()).pipe(inside)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const link = {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: target.port,
    delayMs: 0,
    loseNextReply: false,
    get lostReplies() {
      return lostReplies
    },
  }
  return link
}
