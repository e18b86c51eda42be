import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { serveHttp } from '../../support/http-server.ts'

interface Message {
  readonly role: string
  readonly content?: string | null
}

interface Request {
  readonly model: string
  readonly messages?: readonly Message[]
  readonly input?: string | readonly string[]
  readonly response_format?: { readonly json_schema?: { readonly name?: string } }
}

/** A call that was answered: what is on the bill. */
export interface ServedCall {
  readonly kind: 'chat' | 'embeddings'
  /** Of the agent that its system prompt names; undefined for a call of the crew's memory. */
  readonly agent: string | undefined
  readonly input: number
  readonly output: number
}

export interface ModelServer {
  readonly url: string
  readonly served: readonly ServedCall[]
  /** Holds the answers of the agent's calls until they are let go. */
  hold(agent: string): void
  letGo(): void
}

/** What each agent does, one answer a turn: tools by name with their arguments, and at last a sentence. */
const scripts: Readonly<Record<string, readonly (string | readonly [string, object])[]>> = {
  neuroscientist: [
    ['hrv_lookup', { athlete_id: 'a-17' }],
    ['force_plate_export', { athlete_id: 'a-17' }],
    ['delegate_work_to_coworker', { task: 'Plan an easy day', context: 'HRV is low', coworker: 'training_coach' }],
    'The athlete is tired and needs an easy day.',
  ],
  training_coach: [['plan_session', { minutes: 30 }], 'Half an hour in zone 1.'],
}

/** Answers of the crew's memory, by the name of the schema that it asks for. */
const memory: Readonly<Record<string, object>> = {
  ExtractedMemories: { memories: ['Athlete a-17 needs an easy day.'] },
  MemoryAnalysis: {
    suggested_scope: '/athletes',
    categories: ['recovery'],
    importance: 0.7,
    extracted_metadata: { entities: ['a-17'], dates: [], topics: ['recovery'] },
  },
  ConsolidationPlan: { actions: [], insert_new: true, insert_reason: 'new' },
}

/** A local server that speaks the OpenAI chat and embeddings API, and plays the models of the crew in examples/crewai. */
export async function startModelServer(): Promise<ModelServer> {
  const served: ServedCall[] = []
  let held: string | undefined
  let waiting: (() => void)[] = []
  const origin = await serveHttp((request, response) => void answer(request, response))

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await text(request)) as Request
    const agent = agentOf(body)
    if (agent !== undefined && agent === held) await new Promise<void>((resolve) => waiting.push(resolve))
    const number = served.length + 1
    const call: ServedCall = body.messages
      ? { kind: 'chat', agent, input: 1_000, output: 100 }
      : { kind: 'embeddings', agent, input: 5, output: 0 }
    served.push(call)
    const reply = body.messages ? completion(body, call, number) : embeddings(body)
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
  }

  return {
    url: `${origin}/v1`,
    served,
    hold: (agent) => (held = agent),
    letGo: () => {
      held = undefined
      for (const go of waiting) go()
      waiting = []
    },
  }
}

function agentOf({ messages = [] }: Request): string | undefined {
  return /^You are (\w+)\./.exec(messages.find(({ role }) => role === 'system')?.content ?? '')?.[1]
}

function completion(body: Request, { agent, input, output }: ServedCall, number: number): object {
  const message = messageOf(body, agent, number)
  return {
    id: `chatcmpl-${number}`,
    object: 'chat.completion',
    created: 1_795_000_000,
    model: `${body.model}-2025-08-07`,
    choices: [{ index: 0, message, finish_reason: 'tool_calls' in message ? 'tool_calls' : 'stop' }],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: 200 },
      completion_tokens_details: { reasoning_tokens: 32 },
    },
  }
}

function messageOf(body: Request, agent: string | undefined, number: number): object {
  const asked = body.response_format?.json_schema?.name ?? ''
  if (agent === undefined) return { role: 'assistant', content: JSON.stringify(memory[asked] ?? {}) }
  const turns = body.messages?.filter(({ role }) => role === 'tool').length ?? 0
  const next = scripts[agent]?.[turns] ?? 'Nothing is left to do.'
  if (typeof next === 'string') return { role: 'assistant', content: next }
  const [name, args] = next
  const call = { id: `call_${number}`, type: 'function', function: { name, arguments: JSON.stringify(args) } }
  return { role: 'assistant', content: null, tool_calls: [call] }
}

/** Texts that differ point in directions that differ, so that the memory does not take them for the same. */
function embeddings({ model, input = [] }: Request): object {
  const data = [input].flat().map((said, index) => {
    const vector = new Float32Array(1_536)
    vector[[...said].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % vector.length] = 1
    return { object: 'embedding', index, embedding: Buffer.from(vector.buffer).toString('base64') }
  })
  return { object: 'list', model, data, usage: { prompt_tokens: 5, total_tokens: 5 } }
}
