import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AurenError } from '../../errors.ts'
import { bearerToken, callerOf } from '../auth/bearer.ts'
import type { Caller } from '../auth/refusals.ts'
import type { Authenticate } from '../authenticator.ts'
import type { Principal } from '../principal.ts'
import type { Ingest } from './ingest.ts'
import { decodeProtobuf, encodeResponse, encodeStatus } from './otlp-messages.ts'
import { readSpans } from './otlp-spans.ts'

const protobufType = 'application/x-protobuf'
const jsonType = 'application/json'

/** Bytes of a request, compressed and inflated alike. */
const maxBodyBytes = 4 * 1024 * 1024
/** Seconds after which a client that was put off is to come again. */
const retryAfterSeconds = 1

export interface OtlpRouteOptions {
  readonly ingest: Ingest
  readonly authenticate: Authenticate
  /** Told of tokens that were refused. */
  readonly refused: (caller: Caller) => void
  /** Who posts without a token; undefined: nobody may. */
  readonly anonymous: Principal | undefined
}

/**
 * `POST /v1/traces`: OTLP/HTTP, protobuf and JSON, plain and gzip (opentelemetry-proto, OTLP specification). 200 with a
 * partial success where spans were rejected; 400, 401, 403, 413 and 415 are not to be tried again, 503 is, after
 * `Retry-After`. The answer has the content type of the request.
 */
export async function registerOtlp(app: FastifyInstance, options: OtlpRouteOptions): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    const keepBytes = { parseAs: 'buffer', bodyLimit: maxBodyBytes } as const
    scope.addContentTypeParser([protobufType, jsonType], keepBytes, (_request, body, next) => next(null, body))
    scope.setErrorHandler<{ statusCode?: number }>((error, request, reply) => {
      const status = error.statusCode ?? 500
      return refuse(
        request,
        reply,
        status,
        status < 500 ? (reasons[status] ?? 'the request is not understood') : 'internal error',
      )
    })
    scope.post('/v1/traces', (request, reply) => receive(request, reply, options))
    done()
  })
}

const reasons: Readonly<Record<number, string>> = {
  413: `a request may have ${maxBodyBytes} bytes; send smaller batches`,
  415: `send ${protobufType} or ${jsonType}, plain or gzip`,
}

async function receive(request: FastifyRequest, reply: FastifyReply, options: OtlpRouteOptions): Promise<FastifyReply> {
  const principal = await principalOf(request, options)
  if (principal === undefined)
    return refuse(request, reply.header('www-authenticate', 'Bearer'), 401, 'a valid bearer token is needed')
  if (principal === 'unavailable') {
    return refuse(request, reply.header('retry-after', retryAfterSeconds), 503, 'tokens cannot be checked now')
  }
  if (!principal.permissions.has('ingest')) return refuse(request, reply, 403, 'the token lacks the permission ingest')
  if (options.ingest.isFull) {
    return refuse(request, reply.header('retry-after', retryAfterSeconds), 503, 'the event stream cannot keep up')
  }
  const body = await inflate(request)
  if (typeof body === 'number') return refuse(request, reply, body, reasons[body] ?? 'the body is no gzip')
  const message = decode(request, body)
  if (message === undefined) return refuse(request, reply, 400, 'the body is no ExportTraceServiceRequest')
  const { spans, rejected } = readSpans(message)
  options.ingest.take(spans, principal.tenantId)
  return accept(request, reply, rejected)
}

/** Undefined for a token that is refused; `unavailable` where it cannot be checked now. */
async function principalOf(
  request: FastifyRequest,
  options: OtlpRouteOptions,
): Promise<Principal | 'unavailable' | undefined> {
  const token = bearerToken(request)
  if (token === undefined) return options.anonymous
  try {
    return await options.authenticate(token)
  } catch (error) {
    if (error instanceof AurenError && error.code === 'AUREN_KEYS_UNAVAILABLE') return 'unavailable'
    options.refused(callerOf(request))
    return undefined
  }
}

const inflateGzip = promisify(gunzip)

/** The plain body, or the status that refuses it. Inflating stops at the limit. */
async function inflate({ headers, body }: FastifyRequest): Promise<Buffer | number> {
  const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (!Buffer.isBuffer(body)) return 400
  if (encoding === 'identity') return body
  if (encoding !== 'gzip') return 415
  try {
    return await inflateGzip(body, { maxOutputLength: maxBodyBytes })
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 413 : 400
  }
}

function decode(request: FastifyRequest, body: Buffer): unknown {
  try {
    const message: unknown = isJson(request) ? JSON.parse(body.toString('utf8')) : decodeProtobuf(body)
    return isRequest(message) ? message : undefined
  } catch {
    return undefined
  }
}

/** An empty request is one, with null for the field as well (protobuf.dev/programming-guides/json), and unknown fields are ignored. */
function isRequest(message: unknown): boolean {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false
  const { resourceSpans } = message as { readonly resourceSpans?: unknown }
  return Array.isArray(resourceSpans ?? [])
}

function accept(request: FastifyRequest, reply: FastifyReply, rejectedSpans: number): FastifyReply {
  const partial =
    rejectedSpans > 0
      ? { rejectedSpans, errorMessage: 'spans without ids or times, or beyond 10,000, were left out' }
      : undefined
  if (!isJson(request)) return reply.type(protobufType).send(Buffer.from(encodeResponse(partial)))
  return reply.send(
    partial === undefined ? {} : { partialSuccess: { ...partial, rejectedSpans: String(rejectedSpans) } },
  )
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, message: string): FastifyReply {
  if (isJson(request)) return reply.code(status).send({ message })
  return reply
    .code(status)
    .type(protobufType)
    .send(Buffer.from(encodeStatus(message)))
}

function isJson(request: FastifyRequest): boolean {
  return request.headers['content-type']?.startsWith(jsonType) ?? false
}
