import { globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const filesIn = (folder: string) => globSync('**/*.*', { cwd: folder })

/**
 * Builds beside `folder` and moves the files there one by one, then removes what is no longer built: who runs from there
 * meanwhile, such as the tests of another terminal, finds each file whole at every moment. A build that fails changes nothing.
 */
export async function buildInto(folder: string, build: (target: string) => Promise<void>): Promise<void> {
  // On the same disk, and as deep as dist/: source maps hold relative paths.
  const target = mkdtempSync(join(root, 'dist.'))
  try {
    await build(target)
    const built = filesIn(target)
    for (const file of built) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      renameSync(join(target, file), join(folder, file))
    }
    const isBuilt = new Set(built)
    for (const file of filesIn(folder)) if (!isBuilt.has(file)) rmSync(join(folder, file), { force: true })
  } finally {
    rmSync(target, { recursive: true, force: true })
  }
}
