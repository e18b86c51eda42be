import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Serves HTTP on a free port of this machine until the test is finished. Returns the origin, such as `http://127.0.0.1:49152`. */
export async function serveHttp(answer?: RequestListener): Promise<string> {
  const server = createServer(answer ?? (() => undefined)).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
