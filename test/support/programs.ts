import { spawnSync } from 'node:child_process'
import { accessSync, constants, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Path of a program that the tests need. Installs its Debian package when root; else fails and names the command. */
export function requireProgram(program: string, debianPackage: string): string {
  const found = findProgram(program)
  if (found) return found
  const command = `apt-get update && apt-get install -y ${debianPackage}`
  if (process.getuid?.() === 0 && findProgram('apt-get')) {
    console.log(`installing ${debianPackage}, which the tests need`)
    const { status, stderr } = spawnSync('sh', ['-c', `DEBIAN_FRONTEND=noninteractive; ${command}`], {
      encoding: 'utf8',
    })
    const installed = findProgram(program)
    if (status === 0 && installed) return installed
    throw new Error(`The tests need ${program}; \`${command}\` failed: ${stderr.slice(-500)}`)
  }
  throw new Error(`The tests need ${program}. Install it: sudo sh -c '${command}'`)
}

function findProgram(program: string): string | undefined {
  // Debian keeps the programs of each PostgreSQL in a folder of its own.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin')]
  for (const folder of folders) {
    const path = join(folder, program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      continue
    }
  }
  return undefined
}
