import { SpanStatusCode, context, trace } from '@opentelemetry/api'
import type { Attributes, Context, Span, SpanKind } from '@opentelemetry/api'
import type { AgentRef } from '../events/event.ts'
import type { AurenEventType } from '../events/event-types.ts'
import { scopeName } from '../exporters/metric-names.ts'
import { aurenAttributes } from '../translate/dialects/auren.ts'
import { isContentCaptured } from './content-capture.ts'

/** A span of the agent API. Whatever it is given, it records what it can and never throws. */
export class Step {
  readonly #span: Span
  readonly context: Context

  static start(name: string, attributes: Attributes, kind: SpanKind, parent: Context = context.active()): Step {
    const span = trace.getTracer(scopeName).startSpan(name, { kind, attributes }, parent)
    return new Step(span, trace.setSpan(parent, span))
  }

  private constructor(span: Span, spanContext: Context) {
    this.#span = span
    this.context = spanContext
  }

  get traceId(): string {
    return this.#span.spanContext().traceId
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(attributes)
  }

  /** Sets what people or models said, when content is captured: text as it is, all else as JSON. */
  setContent(name: string, value: unknown): void {
    if (isContentCaptured()) this.#span.setAttribute(name, typeof value === 'string' ? value : toJson(value))
  }

  directedAt(target: AgentRef): void {
    this.#span.setAttribute(aurenAttributes.target, toJson(target))
  }

  /** Makes the span state an event of this type; the returned function adds to its payload while the step runs. */
  states(
    type: AurenEventType,
    payload: Readonly<Record<string, unknown>>,
    timed: boolean,
  ): (more: Readonly<Record<string, unknown>>) => void {
    let facts = { ...payload }
    const write = () => this.#span.setAttribute(aurenAttributes.payload, toJson(facts))
    this.#span.setAttributes({ [aurenAttributes.eventType]: type, [aurenAttributes.timed]: timed })
    write()
    return (more) => {
      facts = { ...facts, ...more }
      write()
    }
  }

  /** An event of this moment: the span begins and ends here. */
  remark(type: AurenEventType, payload: Readonly<Record<string, unknown>>): void {
    this.states(type, payload, false)
    this.#span.end()
  }

  /** Runs the work inside this step and ends it with the outcome, which is passed on unchanged. */
  async run<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await context.with(this.context, work)
    } catch (error) {
      this.#fail(error)
      throw error
    } finally {
      this.#span.end()
    }
  }

  #fail(error: unknown): void {
    const type = errorType(error)
    const message = error instanceof Error ? error.message : String(error)
    this.#span.recordException(error instanceof Error ? error : message)
    this.#span.setAttribute('error.type', type)
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message })
  }
}

/** A code such as `ETIMEDOUT` or `rate_limit_exceeded` where there is one, else the class of the error. */
function errorType(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  const code = (error as { code?: unknown }).code
  if (typeof code === 'string' && code !== '') return code
  return error.name === 'Error' ? error.constructor.name : error.name
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)) ?? 'null'
  } catch {
    return '{}'
  }
}
