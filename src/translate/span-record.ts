/** Attribute values as the SDK keeps them: scalars, arrays and, since API 1.10, nested maps. */
export type Attributes = Readonly<Record<string, unknown>>

export interface SpanEventRecord {
  readonly name: string
  /** Milliseconds since the epoch, with fraction. */
  readonly timeMs: number
  readonly attributes: Attributes
}

/** One span, wherever it came from: the SDK in this process or an OTLP request. All dialects read this shape only. */
export interface SpanRecord {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly name: string
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  /** Milliseconds since the epoch, with fraction. */
  readonly startMs: number
  /** null while the span is open. */
  readonly endMs: number | null
  readonly attributes: Attributes
  readonly events: readonly SpanEventRecord[]
  readonly status: 'unset' | 'ok' | 'error'
  readonly statusMessage: string | undefined
  readonly scope: string
  /** Empty when it is not stated. */
  readonly scopeVersion: string
  readonly resource: Attributes
  /** Attributes the SDK dropped at its limit: what is missing may have been among them. */
  readonly droppedAttributes: number
}
