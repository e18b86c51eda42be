import { startGateway } from '../gateway/server.ts'

export interface GatewayArguments {
  readonly host: string
  readonly port: number
  readonly stream?: string
  readonly dev?: true
}

/** `auren gateway`: runs until SIGTERM or SIGINT, then closes every connection with a reason. */
export async function runGateway({ host, port, stream, dev }: GatewayArguments): Promise<void> {
  const gateway = await startGateway({
    host,
    port,
    ...(stream === undefined ? {} : { stream }),
    ...(dev === undefined ? {} : { dev }),
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void gateway.close())
  }
}
