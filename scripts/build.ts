// Builds dist/ for publishing: the compiler turns src/*.ts into modules and declarations, the CLI becomes executable, and the
// live page is bundled.
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { buildInto, root } from './build-into.ts'
import { buildPage } from './live-page.ts'

const tsc = createRequire(import.meta.url)
  .resolve('@typescript/native/package.json')
  .replace('package.json', 'bin/tsc')

await buildInto(join(root, 'dist'), async (folder) => {
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', folder]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error('The compiler found errors; dist/ is as it was.')
  chmodSync(join(folder, 'cli/main.js'), 0o755)
  await buildPage(join(folder, 'dashboard'))
})
