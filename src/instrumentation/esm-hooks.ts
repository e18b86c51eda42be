import { register as registerAsync } from 'node:module'
import { register, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs'
import { knownInstrumentations } from './known-instrumentations.ts'

/**
 * Lets instrumentations patch ES modules; CommonJS needs nothing. Only the libraries that can be instrumented are looked
 * into, in this thread where Node can do it: a hook on every module in another thread made this process start 2 s later.
 */
export function hookEsModules(): void {
  const include = knownInstrumentations.map(({ instruments }) => instruments)
  if (supportsSyncHooks()) register({ include })
  else registerAsync('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } })
}
