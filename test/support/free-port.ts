import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * A port where nobody listens, for servers that cannot choose one and say which. It is below those that the system gives to
 * connections and to listeners on port 0 (from 32,768 on): none of the many that tests make takes it before the server does, or
 * while the server is restarted. So is the port 10,000 above, which a node of a Redis cluster takes as well.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 22_768)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}
