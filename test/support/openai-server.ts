import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

interface ChatRequest {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly { readonly content?: string }[]
  readonly tools?: readonly unknown[]
}

const usage = {
  prompt_tokens: 1_000,
  completion_tokens: 100,
  total_tokens: 1_100,
  prompt_tokens_details: { cached_tokens: 0 },
}

/**
 * A local server that speaks the OpenAI chat API. The last message says what happens: `wait 2000` answers after so many
 * milliseconds, `fail` is answered 429, and a request with tools is answered with a call of the first.
 */
export async function startOpenAiServer(): Promise<string> {
  const server = createServer((request, response) => void chat(request, response))
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

async function chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, stream, messages, tools } = JSON.parse(await text(request)) as ChatRequest
  const said = messages.at(-1)?.content ?? ''
  await sleep(Number(/^wait (\d+)$/.exec(said)?.[1] ?? 20))
  if (said === 'fail')
    return json(response, 429, { error: { message: 'Too many requests', code: 'rate_limit_exceeded' } })
  const base = { id: 'chatcmpl-1', created: 1_795_000_000, model: `${model}-2025-08-07` }
  if (stream) return streamed(response, base)
  const call = { id: 'call_1', type: 'function', function: { name: 'hrv_lookup', arguments: '{"athlete_id":"a-17"}' } }
  const message = tools
    ? { role: 'assistant', content: null, tool_calls: [call] }
    : { role: 'assistant', content: 'Rest today.' }
  const choice = { index: 0, message, finish_reason: tools ? 'tool_calls' : 'stop' }
  json(response, 200, { ...base, object: 'chat.completion', choices: [choice], usage })
}

function streamed(response: ServerResponse, base: object): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (choices: unknown[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`)
  chunk([{ index: 0, delta: { role: 'assistant', content: 'Rest ' }, finish_reason: null }])
  chunk([{ index: 0, delta: { content: 'today.' }, finish_reason: null }])
  chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
  chunk([], { usage })
  response.end('data: [DONE]\n\n')
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
