// Checks docker-compose.yml against the compose specification's schema, with the loader that Docker Compose uses. Needs Go.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../test/deploy/compose-check', import.meta.url))
const file = fileURLToPath(new URL('../docker-compose.yml', import.meta.url))
const go = (args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  spawnSync('go', args, { cwd: folder, env, encoding: 'utf8' })

const unavailable = go(['version']).status !== 0 ? 'Go is not installed' : (go(['mod', 'download']).stderr ?? '').trim()
if (unavailable) {
  console.log(`NOT CHECKED: docker-compose.yml against its schema; ${unavailable}`)
} else {
  const secrets = { AUREN_JWT_SECRET: 'for the check only', GRAFANA_ADMIN_PASSWORD: 'for the check only' }
  const valid = go(['run', '.', file], { ...process.env, ...secrets })
  console.log(`docker-compose.yml: ${(valid.stdout + valid.stderr).trim()}`)
  const withoutSecrets = go(['run', '.', file])
  const refused = withoutSecrets.status !== 0 && withoutSecrets.stderr.includes('AUREN_JWT_SECRET is missing')
  console.log(`docker-compose.yml without secrets: ${refused ? 'refused, as it is to be' : 'STARTS'}`)
  process.exitCode = valid.status === 0 && refused ? 0 : 1
}
