import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { serveHttp } from './http-server.ts'

interface MessagesRequest {
  readonly model: string
  readonly messages: readonly {
    readonly content: string | readonly { readonly type: string; readonly name?: string }[]
  }[]
  readonly tools?: readonly { readonly name: string }[]
}

/**
 * A local server that speaks Anthropic's Messages API. A request with tools is answered with a use of the first that was not
 * used yet, until there is none.
 */
export function startAnthropicServer(): Promise<string> {
  return serveHttp((request, response) => void answer(request, response))
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model, messages, tools = [] } = JSON.parse(await text(request)) as MessagesRequest
  const used = messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.flatMap(({ type, name }) => (type === 'tool_use' ? [name] : [])),
  )
  const tool = tools.find(({ name }) => !used.includes(name))
  const block = tool
    ? { type: 'tool_use', id: `toolu_${used.length + 1}`, name: tool.name, input: { athlete_id: 'a-17' } }
    : { type: 'text', text: 'Rest today.' }
  const message = {
    id: `msg_${used.length + 1}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [block],
    stop_reason: tool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    // What was read from and written to the cache is not in Anthropic's input_tokens.
    usage: { input_tokens: 400, cache_read_input_tokens: 600, cache_creation_input_tokens: 0, output_tokens: 100 },
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message))
}
