// Builds the live page into dist/dashboard. `--if-stale` builds only where something it is made of is newer than the build, and
// leaves a demo without a page rather than without anything.
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { buildInto, root } from './build-into.ts'

/** What the page is made of. */
const sources = ['src/{dashboard,client,protocol,events}/**/*', 'vite.config.ts', 'package-lock.json']

function newest(patterns: readonly string[]): number {
  return Math.max(0, ...globSync(patterns, { cwd: root }).map((path) => statSync(`${root}${path}`).mtimeMs))
}

const ifStale = process.argv.includes('--if-stale')
if (!ifStale || newest(sources) > newest(['dist/dashboard/index.html'])) {
  try {
    const { buildPage } = await import('./live-page.ts')
    await buildInto(join(root, 'dist/dashboard'), buildPage)
  } catch (error) {
    if (!ifStale) throw error
    console.error(`The live page could not be built, so the demo goes without it: ${(error as Error).message}`)
  }
}
