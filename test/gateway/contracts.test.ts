import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { gateway } from '../../src/gateway/plugin.ts'
import { aGateway } from '../support/gateway.ts'
import { root, temporaryLog } from '../support/processes.ts'

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: unknown }>>>>
}

/** Method and path of each route there is, but those of the page and of the WebSocket, in the notation of OpenAPI. */
async function routesOf(): Promise<string[]> {
  const app = Fastify()
  onTestFinished(() => app.close())
  const routes: string[] = []
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${String(method)} ${url.replace(/:(\w+)/g, '{$1}')}`))
  await app.register(gateway, { stream: temporaryLog() })
  await app.ready()
  return routes.filter((route) => !/^HEAD|^GET \/(ws|\*|assets\/.*)?$/.test(route)).sort()
}

const documented = async (url: string) => (await (await fetch(`${url}/openapi.json`)).json()) as Document

describe('/openapi.json', () => {
  it('describes every route there is, and no other', async () => {
    const { paths } = await documented((await aGateway()).url)
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual(await routesOf())
  })

  it('says of each route whether it needs a token', async () => {
    const { url } = await aGateway()
    for (const [path, { get }] of Object.entries((await documented(url)).paths)) {
      if (get === undefined) continue
      const answer = await fetch(url + path)
      await answer.body?.cancel()
      expect([path, answer.status]).toEqual([path, 'security' in get ? 401 : 200])
    }
  })
})

describe('docs/gateway.md', () => {
  it('names every route', async () => {
    const page = readFileSync(join(root, 'docs/gateway.md'), 'utf8')
    const table = page.slice(page.indexOf('| route'), page.indexOf('\n\n', page.indexOf('| route')))
    const missing = (await routesOf()).filter(
      (route) => !new RegExp(`${route.replace(/[{}/]/g, '\\$&')}[?\`]`).test(table),
    )
    expect(missing).toEqual([])
  })
})
