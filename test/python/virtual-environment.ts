import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/processes.ts'

const folder = join(root, '.cache/python')

/** The Python of the tests' own virtual environment. */
export const python = join(folder, 'bin/python')

/** Makes the environment once, with the package of this repository and pinned OpenTelemetry packages. */
export default function setup(): void {
  if (!existsSync(python)) execFileSync('python3', ['-m', 'venv', folder], { stdio: 'inherit' })
  const pinned = ['opentelemetry-sdk>=1.30,<2', 'opentelemetry-exporter-otlp-proto-http>=1.30,<2']
  const packages = ['--editable', join(root, 'python/auren-live'), ...pinned]
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages], {
    stdio: 'inherit',
  })
}
