import type { Base } from '@platformatic/kafka'

/** Open connections of this client do not keep the process alive. */
export function letProcessEnd(client: Pick<Base, 'on'>): void {
  client.on('client:broker:connect', ({ connection }) => {
    connection?.socket.unref()
  })
}
