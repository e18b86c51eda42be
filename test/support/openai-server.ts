import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveHttp } from './http-server.ts'

interface Message {
  readonly role?: string
  readonly content?: string
  readonly tool_calls?: readonly { readonly function: { readonly name: string } }[]
}

interface ChatRequest {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly Message[]
  readonly tools?: readonly { readonly function: Tool }[]
}

interface Tool {
  readonly name: string
  readonly parameters?: Schema
}

interface Schema {
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly enum?: readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** Of the Responses API. */
interface ResponseRequest {
  readonly model: string
  readonly input: string | readonly { readonly type?: string; readonly name?: string; readonly content?: unknown }[]
  readonly tools?: readonly Tool[]
}

/** Ids are not repeated: LangGraph takes a message of the same id for the same message. */
let answers = 0

const usage = {
  prompt_tokens: 1_000,
  completion_tokens: 100,
  total_tokens: 1_100,
  prompt_tokens_details: { cached_tokens: 0 },
}

/**
 * A local server that speaks OpenAI's Chat Completions and Responses. The last message says what happens: `wait 2000` answers
 * after so many milliseconds, `fail` is answered 429. A request with tools is answered with a call of the first that was not
 * called yet, until there is none.
 */
export async function startOpenAiServer(): Promise<string> {
  const origin = await serveHttp((request, response) => {
    void (request.url?.endsWith('/responses') ? respond(request, response) : chat(request, response))
  })
  return `${origin}/v1`
}

async function chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, stream, messages, tools = [] } = JSON.parse(await text(request)) as ChatRequest
  const said = messages.at(-1)?.content ?? ''
  await sleep(Number(/^wait (\d+)$/.exec(said)?.[1] ?? 20))
  if (said === 'fail')
    return json(response, 429, { error: { message: 'Too many requests', code: 'rate_limit_exceeded' } })
  const base = { id: `chatcmpl-${++answers}`, created: 1_795_000_000, model: `${model}-2025-08-07` }
  const called = messages.flatMap(({ tool_calls: calls = [] }) => calls.map((call) => call.function.name))
  const tool = tools.map((each) => each.function).find(({ name }) => !called.includes(name))
  const call = tool && { id: `call_${called.length + 1}`, type: 'function', function: toolCall(tool) }
  const message = call
    ? { role: 'assistant', content: null, tool_calls: [call] }
    : { role: 'assistant', content: 'Rest today.' }
  if (stream) return streamed(response, base, call)
  const choice = { index: 0, message, finish_reason: call ? 'tool_calls' : 'stop' }
  json(response, 200, { ...base, object: 'chat.completion', choices: [choice], usage })
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, input, tools = [] } = JSON.parse(await text(request)) as ResponseRequest
  await sleep(20)
  const called = (typeof input === 'string' ? [] : input).flatMap((item) =>
    item.type === 'function_call' ? [item.name] : [],
  )
  const tool = tools.find(({ name }) => !called.includes(name))
  const content = [{ type: 'output_text', text: 'Rest today.', annotations: [] }]
  const item = tool
    ? { type: 'function_call', id: `fc_${called.length + 1}`, call_id: `call_${called.length + 1}`, ...toolCall(tool) }
    : { type: 'message', id: 'msg_1', role: 'assistant', content }
  json(response, 200, {
    id: `resp_${++answers}`,
    object: 'response',
    created_at: 1_795_000_000,
    status: 'completed',
    model: `${model}-2025-08-07`,
    output: [{ ...item, status: 'completed' }],
    usage: {
      input_tokens: usage.prompt_tokens,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: usage.completion_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.total_tokens,
    },
  })
}

function toolCall({ name, parameters }: Tool) {
  return { name, arguments: JSON.stringify(argument(parameters ?? { type: 'object' })) }
}

/** The least that fits a schema. VoltAgent says in words which agents there are. */
function argument(schema: Schema, name = ''): unknown {
  const { type, enum: values, items = {}, properties = {}, required = [] } = schema
  if (mayBeNull(schema)) return null
  if (type === 'object') return Object.fromEntries(required.map((key) => [key, argument(properties[key] ?? {}, key)]))
  if (type === 'array') return [argument(items, name)]
  if (type === 'number' || type === 'integer') return 1
  return values?.[0] ?? (name === 'targetAgents' ? 'training_coach' : 'a-17')
}

function mayBeNull({ type = [], anyOf = [] }: Schema): boolean {
  return [type].flat().includes('null') || anyOf.some(mayBeNull)
}

function streamed(response: ServerResponse, base: object, call: object | undefined): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const chunk = (choices: unknown[], more: object = {}) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices, ...more })}\n\n`)
  const deltas = call
    ? [{ role: 'assistant', content: null }, { tool_calls: [{ index: 0, ...call }] }]
    : [{ role: 'assistant', content: 'Rest ' }, { content: 'today.' }]
  for (const delta of deltas) chunk([{ index: 0, delta, finish_reason: null }])
  chunk([{ index: 0, delta: {}, finish_reason: call ? 'tool_calls' : 'stop' }])
  chunk([], { usage })
  response.end('data: [DONE]\n\n')
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
