import { build } from 'vite'
import { root } from './build-into.ts'

/** Bundles the live page into `folder`. */
export async function buildPage(folder: string): Promise<void> {
  // Tests have their own: React would be the one for development, half as heavy again, and not what users get.
  process.env['NODE_ENV'] = 'production'
  const began = performance.now()
  await build({ configFile: `${root}vite.config.ts`, logLevel: 'warn', build: { outDir: folder } })
  console.log(`The live page was built in ${((performance.now() - began) / 1000).toFixed(1)} s.`)
}
