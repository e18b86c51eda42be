import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../support/processes.ts'

/** Versions below these have faults by which a stranger ends the process or reads its memory. */
const least = { ws: [8, 23, 0], '@fastify/websocket': [11, 3, 6] } as const

describe('what is installed for users, by the lock file,', () => {
  it.each(Object.entries(least))('has no copy of %s older than %j', (name, floor) => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; dev?: boolean }>
    }
    const copies = Object.entries(packages).filter(
      ([path, { dev }]) => path.endsWith(`node_modules/${name}`) && dev !== true,
    )
    expect(copies.length).toBeGreaterThan(0)
    for (const [path, { version }] of copies) {
      const parts = version.split('.').map(Number)
      const difference = floor.map((part, index) => (parts[index] ?? 0) - part).find((part) => part !== 0) ?? 0
      expect(difference, `${path} ${version}`).toBeGreaterThanOrEqual(0)
    }
  })
})
