import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/**
 * Names the machine of this process, without giving its name away: equal for processes that can see each other's process
 * ids. Containers on one host have process id namespaces of their own (Linux, pid_namespaces(7)). The first namespace has the same
 * number everywhere and cloned machines have the same name, so it takes what the kernel draws when it starts (random(4), boot_id).
 */
export const machine = createHash('sha256')
  .update(`${hostname()} ${told(bootId)} ${told(pidNamespace)}`)
  .digest('hex')
  .slice(0, 16)

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
}

function pidNamespace(): string {
  return readlinkSync('/proc/self/ns/pid')
}

function told(read: () => string): string {
  try {
    return read()
  } catch {
    return process.platform
  }
}
