import { machine } from '../../exporters/machine.ts'
import { processGone } from '../../exporters/process-gone.ts'
import type { EventStream } from '../../streams/event-stream.ts'
import type { Lease } from './lease.ts'
import type { RunBook } from './run-book.ts'
import type { Run } from './run.ts'

/**
 * Looks for processes of this machine that stopped sending heartbeats, and says on the stream when one is gone: so every
 * gateway knows, and a run is called crashed by all of them or by none. Of processes elsewhere nobody here can know more than
 * that they are not heard. A process id that is used again hides the loss: the run then stays stale.
 */
export class ProcessWatch {
  readonly #book: RunBook
  readonly #stream: EventStream
  readonly #isAlive: (pid: number) => boolean
  /** Those of which it was said: once will do, also where a run cannot hold any more of them. */
  readonly #told = new WeakSet<Lease>()

  constructor(book: RunBook, stream: EventStream, isAlive: (pid: number) => boolean = processExists) {
    this.#book = book
    this.#stream = stream
    this.#isAlive = isAlive
  }

  /** What cannot be written now is found again by the next look. */
  async look(now: number = Date.now()): Promise<void> {
    const gone = this.#book.expiredLeases().filter(({ lease }) => !this.#told.has(lease) && this.#isGone(lease))
    if (gone.length === 0) return
    const alerts = gone.map(({ run, lease }) => processGone(aboutRun(run, lease), lease.producer, now))
    const isTold = await this.#stream.append(alerts).then(
      () => true,
      () => false,
    )
    if (isTold) for (const { lease } of gone) this.#told.add(lease)
  }

  #isGone({ machine: where, producer }: Lease): boolean {
    const pid = Number.parseInt(producer, 10)
    return where === machine && pid > 0 && !this.#isAlive(pid)
  }
}

function aboutRun({ traceId, tenantId }: Run, { speaksFor }: Lease) {
  return { ...speaksFor, trace_id: traceId, tenant_id: tenantId }
}

/** A process of another user exists, but may not be signalled: EPERM. */
function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
