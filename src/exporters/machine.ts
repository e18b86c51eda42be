import { createHash } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Names the machine of this process, without giving its name away: equal for processes that can see each other's process
 * ids. Containers on one host have process id namespaces of their own (Linux, pid_namespaces(7)).
 */
export const machine = createHash('sha256').update(`${hostname()} ${pidNamespace()}`).digest('hex').slice(0, 16)

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return process.platform
  }
}
