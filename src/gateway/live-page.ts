import type { FastifyReply } from 'fastify'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>AUREN gateway</title>
</head>
<body>
<main>
<h1>AUREN gateway</h1>
<p>The live feed is a WebSocket on this address. Watch it in a terminal:</p>
<pre>npx auren tail --url ws://HOST --token TOKEN</pre>
<p>Newest events: <a href="/api/events">/api/events</a> (needs a token). Metrics: <a href="/metrics">/metrics</a>.
State: <a href="/readyz">/readyz</a>.</p>
</main>
</body>
</html>
`

/** The page for people who open the gateway's address in a browser. It runs no script and takes nothing from the request. */
export function welcomePage(reply: FastifyReply): FastifyReply {
  return reply
    .header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'")
    .header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff')
    .type('text/html; charset=utf-8')
    .send(page)
}
