import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Where the build puts the page: the same place as seen from a checkout and from the package. */
const built = fileURLToPath(new URL('../../dist/dashboard/', import.meta.url))

/** The page runs its own scripts and styles, asks its own gateway, and is shown in no frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const notBuilt = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>AUREN gateway</title>
<main>
<h1>AUREN gateway</h1>
<p>It runs from a checkout in which the live page is not built. Build it, and load this again:</p>
<pre>npm run build:page</pre>
<p>In a terminal: <code>npm run auren -- tail</code></p>
</main>
</html>
`

/** Scripts, styles and images of the page. Their names change with what is in them, so browsers may keep them for ever. */
export async function registerPageAssets(scope: FastifyInstance): Promise<void> {
  await scope.register(fastifyStatic, {
    root: `${built}assets`,
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    immutable: true,
    maxAge: '1y',
    // Nothing there yet is no fault: the page then says how to build it.
    suppressWarning: !existsSync(built),
    setHeaders: (reply) => void guard(reply),
  })
}

/** The page for who opens the gateway's address in a browser, or how to build it. It takes nothing from the request. */
export async function livePage(reply: FastifyReply): Promise<FastifyReply> {
  const page = await readFile(`${built}index.html`).catch(() => notBuilt)
  return guard(reply)
    .header('content-security-policy', policy)
    .header('cross-origin-opener-policy', 'same-origin')
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(page)
}

function guard(reply: FastifyReply): FastifyReply {
  return reply
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .header('cross-origin-resource-policy', 'same-origin')
}
