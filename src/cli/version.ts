import { readFileSync } from 'node:fs'

const manifest = new URL('../../package.json', import.meta.url)

export const { version, engines } = JSON.parse(readFileSync(manifest, 'utf8')) as {
  readonly version: string
  readonly engines: { readonly node: string }
}

/** Whether this Node is older than `engines` asks for, as in `>=22.15.0`: modules would then fail one by one. */
export function isNodeTooOld(running = process.versions.node): boolean {
  const numbers = (text: string) => text.replace('>=', '').split('.').map(Number)
  const [needed, found] = [numbers(engines.node), numbers(running)]
  const first = needed.findIndex((number, index) => number !== (found[index] ?? 0))
  return first !== -1 && (found[first] ?? 0) < (needed[first] ?? 0)
}
