import { readFileSync } from 'node:fs'
import { aGateway } from './gateway.ts'

export const json = 'application/json'
export const protobuf = 'application/x-protobuf'
/** The bytes of a recorded request. */
export const fixture = (name: string) => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url))

/** A gateway with what its receiver was sent and stored. */
export async function aReceiver(options: Parameters<typeof aGateway>[0] = {}) {
  const gateway = await aGateway(options)
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/v1/traces`, {
      method: 'POST',
      body: typeof body === 'string' ? body : new Uint8Array(body),
      headers: { 'content-type': json, ...headers },
    })
  const stored = async () => (await gateway.stream.recent(1_000)).map(({ event }) => event).reverse()
  const types = async () => (await stored()).map(({ event_type: type }) => type)
  return { ...gateway, post, stored, types }
}

let ids = 0
const traceId = '0af7651916cd43dd8448eb211c80319c'

interface SpanOptions {
  readonly id?: string
  readonly parent?: string
  readonly end?: number
  readonly [attribute: string]: unknown
}

/** One span as OTLP/JSON has it; `end: 0` is a start. */
export function span({ id, parent, end = 1_795_000_001_000, ...attributes }: SpanOptions) {
  const spanId = id ?? (ids += 1).toString(16).padStart(16, '0')
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name: 'span',
    kind: 3,
    startTimeUnixNano: '1795000000000000000',
    endTimeUnixNano: String(BigInt(end) * 1_000_000n),
    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
  }
}

export const request = (...spans: readonly unknown[]) =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'test' }, spans }] }] })
export const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
export const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'lead' }
export const [parentId, childId] = ['00000000000000a1', '00000000000000b2']
