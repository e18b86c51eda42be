import { warn } from './warn.ts'

const told = new Set<string>()

/** Whether a variable is `true` or `1`. What is neither that nor `false` or `0` counts as false, and is one warning. */
export function isSwitchedOn(name: string, env: Readonly<Record<string, string | undefined>>): boolean {
  const value = env[name]?.trim().toLowerCase() ?? ''
  if (value === 'true' || value === '1') return true
  if (!['', 'false', '0'].includes(value) && !told.has(name)) {
    told.add(name)
    warn(`${name} is to be true or false; it is taken for false`)
  }
  return false
}
