// Builds the live page into dist/dashboard. `--if-stale` builds only where something it is made of is newer than the build, and
// leaves a demo without a page rather than without anything.
import { globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
/** What the page is made of. */
const sources = ['src/{dashboard,client,protocol,events}/**/*', 'vite.config.ts', 'package-lock.json']

function newest(patterns: readonly string[]): number {
  return Math.max(0, ...globSync(patterns, { cwd: root }).map((path) => statSync(`${root}${path}`).mtimeMs))
}

const ifStale = process.argv.includes('--if-stale')
if (!ifStale || newest(sources) > newest(['dist/dashboard/index.html'])) {
  try {
    // Tests have their own: React would be the one for development, half as heavy again, and not what users get.
    process.env['NODE_ENV'] = 'production'
    const { build } = await import('vite')
    const began = performance.now()
    await build({ configFile: `${root}vite.config.ts`, logLevel: 'warn' })
    console.log(`The live page was built in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
  } catch (error) {
    if (!ifStale) throw error
    console.error(`The live page could not be built, so the demo goes without it: ${(error as Error).message}`)
  }
}
