import { readFileSync, realpathSync } from 'node:fs'
import { createRequire, findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The packages an application can import, as seen from its folders; the first folder that has one wins. */
export class ApplicationPackages {
  readonly #bases: readonly string[]

  constructor(folders: readonly string[]) {
    this.#bases = folders.map((folder) => join(folder, 'package.json'))
  }

  /** Version of an installed package, or undefined. Loads nothing. */
  versionOf(name: string): string | undefined {
    for (const base of this.#bases) {
      const file = packageFile(name, base)
      if (file === undefined) continue
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string }
      return version ?? '0.0.0'
    }
    return undefined
  }

  /** Loads a package, CommonJS or not. Throws when it cannot be loaded. */
  load(name: string): unknown {
    const base = this.#bases.find((each) => packageFile(name, each) !== undefined) ?? 'package.json'
    return createRequire(base)(name) as unknown
  }
}

function packageFile(name: string, base: string): string | undefined {
  try {
    return findPackageJSON(name, pathToFileURL(base))
  } catch {
    return undefined
  }
}

/** Of this process: where its program is, and where it was started, which is all that is known below a global runner. */
export function ownPackages(): ApplicationPackages {
  const program = process.argv[1]
  const cwd = process.cwd()
  try {
    return new ApplicationPackages(program === undefined ? [cwd] : [dirname(realpathSync(program)), cwd])
  } catch {
    return new ApplicationPackages([cwd])
  }
}
