import type { ChildProcess } from 'node:child_process'
import { startGateway } from '../gateway/server.ts'
import type { RunningGateway } from '../gateway/server.ts'
import { CommandError } from './command-error.ts'
import { startCrew } from './demo/crew-process.ts'

export interface GatewayArguments {
  readonly host: string
  readonly port: number
  readonly stream?: string
  readonly dev?: true
}

/** `auren gateway`: runs until SIGTERM or SIGINT, then closes every connection with a reason. */
export async function runGateway(options: GatewayArguments): Promise<void> {
  const gateway = await start(options)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void gateway.close())
  }
}

async function start({ host, port, stream, dev }: GatewayArguments): Promise<RunningGateway> {
  const given = {
    ...(stream === undefined ? {} : { stream }),
    ...(dev === undefined ? {} : { dev, startDemo: demoOn(stream) }),
  }
  try {
    return await startGateway({ host, port, ...given })
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    const remedy = remedies[code]
    if (remedy === undefined) throw error
    throw new CommandError(`it cannot listen on ${host}, port ${port} (${code}). ${remedy}`, { cause: error })
  }
}

/** A crew at work on this stream for a minute: one at a time, however often somebody asks. */
function demoOn(stream: string | undefined): () => void {
  let crew: ChildProcess | undefined
  return () => {
    if (crew !== undefined && crew.exitCode === null && crew.signalCode === null) return
    crew = startCrew({ rate: 30, duration: 60, ...(stream === undefined ? {} : { stream }) })
    crew.once('error', (error) => console.error(`auren: the demo cannot be started: ${error.message}`))
  }
}

/** What to do when the system does not let a server listen. */
const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Something else listens there: stop it, or choose another --port; 0 takes a free one.',
  EACCES: 'Ports below 1024 need a privilege: choose another --port.',
  EADDRNOTAVAIL: 'No network card has this address: choose another --host, such as 127.0.0.1.',
  ENOTFOUND: 'No address is known for this name: choose another --host, such as 127.0.0.1.',
}
