import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../support/processes.ts'

/** The built modules that an entry point loads, and what they import from elsewhere. */
function graphOf(entry: string): { modules: string[]; foreign: string[] } {
  const [modules, foreign] = [new Set<string>(), new Set<string>()]
  const visit = (file: string) => {
    if (modules.has(file)) return
    modules.add(file)
    for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export|\}) ?(?:[^'"=]*from )?'([^']+)'/gm,
    )) {
      if (name.startsWith('.')) visit(resolve(dirname(file), name))
      else foreign.add(name)
    }
  }
  visit(join(root, entry))
  return { modules: [...modules].map((file) => relative(root, file)), foreign: [...foreign] }
}

describe('auren-observability/client', () => {
  it('loads nothing that a browser does not have: no Node module, no package', () => {
    const { modules, foreign } = graphOf('dist/client/index.js')
    expect(modules).toContain('dist/client/live-client.js')
    expect(foreign).toEqual([])
    // The same walk does find what another entry point loads.
    expect(graphOf('dist/streams/index.js').foreign).not.toEqual([])
  })
})
