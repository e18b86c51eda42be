import { Ajv } from 'ajv'
import specifications from '@asyncapi/specs'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import { Hello, clientMessages } from '../../src/protocol/client-messages.ts'
import { examples } from '../../src/protocol/examples.ts'
import { serverMessages } from '../../src/protocol/server-messages.ts'
import { aGateway } from '../support/gateway.ts'
import { connectTo, signIn } from '../support/ws-client.ts'

const schemas = { hello: Hello, ...clientMessages, ...serverMessages }

interface Document {
  readonly asyncapi: string
  readonly channels: { readonly feed: { readonly messages: Readonly<Record<string, { $ref: string }>> } }
  readonly operations: Readonly<Record<string, { readonly action: string; readonly messages: { $ref: string }[] }>>
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: object }>> }
}

const document = async () => {
  const { url } = await aGateway()
  return (await (await fetch(`${url}/asyncapi.json`)).json()) as Document
}

/** What a reference points at; undefined when there is nothing. */
function target(root: unknown, ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce((part, key) => (part as Record<string, unknown> | undefined)?.[key], root)
}

describe('/asyncapi.json', () => {
  it('describes every message there is, with an example that its schema accepts', async () => {
    const { components } = await document()
    expect(Object.keys(components.messages).sort()).toEqual(Object.keys(schemas).sort())
    for (const [name, schema] of Object.entries(schemas)) {
      const errors = [...Compile(schema as typeof Hello).Errors(examples[name as keyof typeof examples])]
      expect([name, errors]).toEqual([name, []])
    }
  })

  it('is what the AsyncAPI Initiative says that such a document is', async () => {
    const schema = specifications.schemasWithoutId['3.1.0'] as object
    const isValid = new Ajv({ strict: false, validateFormats: false, logger: false }).compile(schema)
    const whole = await document()
    isValid(whole)
    expect(isValid.errors).toBe(null)
    expect(isValid({ ...whole, operations: { ping: { action: 'shout' } } })).toBe(false)
  })

  it('refers to nothing that it does not hold, and names each message in an operation', async () => {
    const whole = await document()
    const refs = [...JSON.stringify(whole).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref = '']) => ref)
    expect(refs.filter((ref) => target(whole, ref) === undefined)).toEqual([])
    const used = JSON.stringify(whole.operations)
    const unused = Object.keys(whole.channels.feed.messages).filter((name) => !used.includes(`messages/${name}"`))
    expect(unused).toEqual([])
  })
})

describe('version 1', () => {
  it('is chosen by the first message, or by the subprotocol, which is agreed to', async () => {
    const { url } = await aGateway()
    expect(await (await signIn(url)).next('connection_established')).toMatchObject({ protocol_version: 0 })
    const first = await signIn(url, { protocol_version: 1 })
    expect(await first.next('connection_established')).toMatchObject({ protocol_version: 1 })
    const client = await connectTo(url, { subprotocols: ['other', 'auren.v1'] })
    expect(client.socket.protocol).toBe('auren.v1')
    client.send({ token: 'test' })
    expect(await client.next('connection_established')).toMatchObject({ protocol_version: 1 })
  })
})
