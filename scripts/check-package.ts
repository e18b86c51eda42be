// Checks the package as npm would publish it: manifest, types, files and entry points. Needs dist/, so build first.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const targets = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [entry] : Object.values(entry),
)

/** Targets that were not built, and entry points that were built and nobody can import. */
function checkEntries(): string[] {
  const named = [...targets, ...Object.values(manifest.bin)]
  const missing = named.filter((path) => !existsSync(join(root, path))).map((path) => `${path} is named and not built`)
  const hidden = globSync('dist/**/index.js', { cwd: root })
    .map((path) => `./${path}`)
    .filter((path) => !targets.includes(path))
    .map((path) => `${path} is an entry point and not in "exports"`)
  return [...missing, ...hidden]
}

/** Every entry point is imported by its public name, and the command runs: what a user does first. */
function checkRuns(): string[] {
  const names = Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `${manifest.name}${subpath.slice(1)}`)
  const faults = names.flatMap((name) => {
    const { ok, output } = node(['--input-type=module', '--eval', `await import(${JSON.stringify(name)})`])
    return ok ? [] : [`${name} cannot be imported: ${output}`]
  })
  for (const [command, path] of Object.entries(manifest.bin)) {
    const { ok, output } = node([join(root, path), '--version'])
    if (!ok || output !== manifest.version) faults.push(`${command} --version says: ${output}`)
  }
  return faults
}

async function checkManifest(): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: root, pack: false })
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code)
}

/** Types as every kind of importer resolves them, from the tarball itself. */
function checkTarball(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'auren-pack-'))
  try {
    // Without its scripts: packing would build again what is to be checked.
    const options = { cwd: root, encoding: 'utf8' } as const
    const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], options)
    if (packed.status !== 0) return [`npm pack failed: ${packed.stderr}`]
    const [tarball] = JSON.parse(packed.stdout) as { filename: string; files: { path: string }[] }[]
    const files = new Set(tarball?.files.map(({ path }) => path))
    const absent = [...targets, './LICENSE', './CHANGELOG.md'].filter((path) => !files.has(path.slice(2)))
    const attw = createRequire(import.meta.url).resolve('@arethetypeswrong/cli/package.json')
    const program = attw.replace('package.json', 'dist/index.js')
    const types = node([program, join(folder, tarball?.filename ?? ''), '--profile', 'esm-only', '--no-color'])
    return [...absent.map((path) => `${path} is not in the tarball`), ...(types.ok ? [] : [types.output])]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function node(args: readonly string[]): { ok: boolean; output: string } {
  const env = { ...process.env, AUREN_DISABLED: 'true' }
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env })
  return { ok: status === 0, output: `${stdout}${stderr}`.trim() }
}

if (!existsSync(join(root, 'dist'))) {
  console.error('check:package: dist/ is missing; run `npm run build` first')
  process.exit(1)
}
const faults = [...checkEntries(), ...(await checkManifest()), ...checkRuns(), ...checkTarball()]
for (const fault of faults) console.error(`check:package: ${fault}`)
if (faults.length > 0) process.exit(1)
console.log(`check:package: ${manifest.name} ${manifest.version} is ready: ${targets.length} export targets, all found`)
