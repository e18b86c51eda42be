import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

/** Runs the tests of a Vitest configuration, with what else the command line says, and ends as they do. `flag` is the script's own. */
export function runTests(config: string, { flag, env }: { flag?: string; env?: NodeJS.ProcessEnv } = {}): never {
  const vitest = createRequire(import.meta.url)
    .resolve('vitest/package.json')
    .replace('package.json', 'vitest.mjs')
  const more = process.argv.slice(2).filter((argument) => argument !== flag)
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--config', config, ...more], {
    stdio: 'inherit',
    ...(env && { env }),
  })
  process.exit(status ?? 1)
}
