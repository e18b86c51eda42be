import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { serverMessages } from '../../src/protocol/server-messages.ts'
import type { ServerMessageType } from '../../src/protocol/server-messages.ts'

type Json = { readonly [key: string]: unknown }

/** The published schemas let unknown fields pass, for clients' sake; what we send ourselves has to be described whole. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, closed(part)]))
  const isObject =
    (schema as Json)['properties'] !== undefined && (schema as Json)['additionalProperties'] === undefined
  return isObject && (schema as Json)['$id'] === undefined ? { ...parts, additionalProperties: false } : parts
}

const checks = new Map(
  Object.entries(serverMessages).map(([type, schema]) => [type, Compile(closed(schema) as TSchema)]),
)

/** Throws unless the frame is a message as `/asyncapi.json` describes it. */
export function assertServerFrame(frame: string): { readonly type: ServerMessageType } & Json {
  const message = JSON.parse(frame) as { readonly type: ServerMessageType } & Json
  const { type } = message
  const check = checks.get(type)
  if (check === undefined) throw new Error(`The gateway sent a type that is not described: ${type}`)
  if (check.Check(message)) return message
  const [fault] = check.Errors(message)
  throw new Error(`The gateway sent a ${type} that is not as described: ${fault?.instancePath} ${fault?.message}`)
}
