import { SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { startGateway } from '../../src/gateway/server.ts'
import type { GatewayOptions } from '../../src/gateway/settings.ts'
import type { EventStream } from '../../src/streams/event-stream.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { temporaryLog } from './processes.ts'
import { until } from './until.ts'

export const secret = 'a secret of at least thirty-two bytes'

export interface TestGateway {
  readonly url: string
  /** The stream the gateway reads, for what agents would write. */
  readonly stream: EventStream
  close(): Promise<void>
}

/** A gateway in this process on a free port, over an SQLite log of its own unless another is given. */
export async function aGateway(options: GatewayOptions & { readonly stream?: string } = {}): Promise<TestGateway> {
  const url = options.stream ?? temporaryLog()
  const stream = await openStream(url)
  const gateway = await startGateway({ logLevel: 'silent', port: 0, ...options, stream: url })
  onTestFinished(async () => {
    await gateway.close()
    await stream.close()
  })
  await until('the gateway is ready', async () => (await fetch(`${gateway.url}/readyz`)).ok)
  return { url: gateway.url, stream, close: () => gateway.close() }
}

/** A token signed with {@link secret}, valid for an hour unless the claims say otherwise. */
export function aToken(claims: Readonly<Record<string, unknown>> = {}, key = secret): Promise<string> {
  return new SignJWT({ user_id: 'user-1', exp: Math.floor(Date.now() / 1000) + 3_600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(key))
}
