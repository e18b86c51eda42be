import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { ExportResultCode } from '@opentelemetry/core'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AurenSpanExporter } from '../../src/exporters/span-exporter.ts'
import { AurenSpanProcessor } from '../../src/exporters/span-processor.ts'
import { RecordingStream } from '../support/recording-stream.ts'
import { until } from '../support/until.ts'

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
const agent = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'lead' }

beforeAll(() => context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => context.disable())

const types = (stream: RecordingStream) => stream.batches.flat().map(({ event_type: type }) => type)

/** Both lines of the SDK that are in the field. */
const providers = {
  'the 3.x line': (processor: AurenSpanProcessor) => new TracerProvider({ spanProcessors: [processor] }),
  'the 2.x line': (processor: AurenSpanProcessor) => new BasicTracerProvider({ spanProcessors: [processor] }),
}

describe.each(Object.entries(providers))('the span processor, on %s', (_name, create) => {
  let stream: RecordingStream
  let processor: AurenSpanProcessor
  let tracer: ReturnType<TracerProvider['getTracer']>

  const begin = (heartbeatMs: number) => {
    stream = new RecordingStream()
    processor = new AurenSpanProcessor({ stream: stream.asStream(), heartbeatMs })
    tracer = create(processor).getTracer('test')
  }

  beforeEach(() => {
    begin(20)
    return () => processor.shutdown()
  })

  it('publishes a start while the span is open, and the end when it ends', async () => {
    const span = tracer.startSpan('chat m', { attributes: chat })
    await until('the start is written', () => types(stream).includes('llm_call_started'))
    expect(types(stream)).not.toContain('llm_call')
    span.end()
    await until('the end is written', () => types(stream).includes('llm_call'))
  })

  it('takes attributes that are set just after the start, with the true start time', async () => {
    const startTime = new Date('2026-11-21T05:00:00.123Z')
    const span = tracer.startSpan('something', { startTime })
    span.setAttributes(chat)
    await Promise.resolve()
    span.setAttribute('gen_ai.provider.name', 'openai')
    await until('the start is written', () => stream.batches.length > 0)
    expect(stream.batches[0]?.[0]).toMatchObject({
      event_type: 'llm_call_started',
      timestamp: '2026-11-21T05:00:00.123+00:00',
      payload: { model: 'm', provider: 'openai' },
    })
    span.end()
  })

  it('gives start and end in order when a span ends in the same turn', async () => {
    tracer.startSpan('chat m', { attributes: chat }).end()
    await processor.forceFlush()
    expect(types(stream)).toEqual(['llm_call_started', 'llm_call'])
  })

  describe('while the clock stands still', () => {
    beforeEach(async () => {
      // A heartbeat would come whenever the machine is busy for 20 ms.
      await processor.shutdown()
      begin(0)
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
      return () => vi.useRealTimers()
    })

    it('publishes at the end of the turn what comes after a rest, and together what comes after that', async () => {
      tracer.startSpan('chat m', { attributes: chat })
      await turn()
      expect(types(stream)).toEqual(['llm_call_started'])
      for (let i = 0; i < 3; i += 1) {
        tracer.startSpan('chat m', { attributes: chat })
        await turn()
      }
      expect(stream.ids).toHaveLength(1)
      vi.advanceTimersByTime(25)
      await turn()
      expect(stream.batches.map(({ length }) => length)).toEqual([1, 3])
    })

    it('lets nothing wait that is flushed, or of a process that ends', async () => {
      const oneMore = () => tracer.startSpan('chat m', { attributes: chat })
      oneMore()
      await turn()
      oneMore()
      await processor.forceFlush()
      expect(stream.ids).toHaveLength(2)
      oneMore()
      await processor.settle(1_000)
      expect(stream.ids).toHaveLength(3)
    })
  })

  it('lets others have their turns while it works off many spans, and keeps their order', async () => {
    const ids = Array.from({ length: 2_000 }, () => {
      const span = tracer.startSpan('chat m', { attributes: chat })
      span.end()
      return span.spanContext().spanId
    })
    let turns = 0
    const calls = () => stream.batches.flat().filter(({ event_type: type }) => type.startsWith('llm_call'))
    const written = () => calls().map(({ span_id: id }) => id)
    while (written().length < ids.length * 2) {
      await turn()
      turns += 1
    }
    expect(turns).toBeGreaterThan(2)
    expect(written()).toEqual(ids.flatMap((id) => [id, id]))
  })

  it('attributes what happens across async boundaries to the agent above', async () => {
    await tracer.startActiveSpan('lead', { attributes: agent }, async (lead) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      tracer.startSpan('chat m', { attributes: chat }).end()
      lead.end()
    })
    await processor.forceFlush()
    const call = stream.batches.flat().find(({ event_type: type }) => type === 'llm_call')
    expect(call?.source_agent).toMatchObject({ id: 'lead' })
  })

  it('sends heartbeats of each open run, and none when it is over', async () => {
    const span = tracer.startSpan('lead', { attributes: { ...agent, 'user.id': 'ann' } })
    await until('a heartbeat has come', () => types(stream).includes('heartbeat'))
    const beat = stream.batches.flat().find(({ event_type: type }) => type === 'heartbeat')
    expect(beat).toMatchObject({
      trace_id: span.spanContext().traceId,
      source_agent: { id: 'lead' },
      user_id: 'ann',
      payload: { interval_ms: 20, open_steps: [span.spanContext().spanId], machine: expect.any(String) as string },
    })
    span.end()
    const other = tracer.startSpan('lead', { attributes: agent })
    const beats = () => stream.batches.flat().filter(({ event_type: type }) => type === 'heartbeat')
    const ofOther = () => beats().filter(({ trace_id: id }) => id === other.spanContext().traceId)
    await until('the other run has two heartbeats', () => ofOther().length >= 2)
    expect(beats().slice(beats().indexOf(ofOther()[0] as never))).toEqual(ofOther())
    other.end()
  })

  it('says of each run that is open when it is shut down that it lost its process', async () => {
    const open = tracer.startSpan('lead', { attributes: agent })
    tracer.startSpan('lead', { attributes: agent }).end()
    await processor.shutdown()
    const alerts = stream.batches.flat().filter(({ event_type: type }) => type === 'alert')
    expect(alerts).toMatchObject([{ trace_id: open.spanContext().traceId, payload: { alert: 'process_gone' } }])
  })

  it('ignores spans after it was shut down, and leaves a stream that was given open', async () => {
    await processor.shutdown()
    tracer.startSpan('chat m', { attributes: chat }).end()
    await processor.forceFlush()
    expect(types(stream)).toEqual([])
    expect(stream.closed).toBe(false)
  })
})

describe('the span exporter', () => {
  it('publishes ended spans behind a batch processor of one’s own', async () => {
    const stream = new RecordingStream()
    const exporter = new AurenSpanExporter({ stream: stream.asStream() })
    const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] })
    onTestFinished(() => provider.shutdown())
    const tracer = provider.getTracer('test')
    tracer.startActiveSpan('lead', { attributes: agent }, (lead) => {
      tracer.startSpan('chat m', { attributes: chat }).end()
      lead.end()
    })
    await provider.forceFlush()
    await until('both are written', () => stream.ids.length === 2)
    expect(stream.batches.flat()).toMatchObject([
      { event_type: 'llm_call', source_agent: { id: 'lead' } },
      { event_type: 'agent_execution_completed' },
    ])
  })

  it('answers failed after it was shut down', async () => {
    const exporter = new AurenSpanExporter({ stream: new RecordingStream().asStream() })
    await exporter.shutdown()
    const code = await new Promise((resolve) => exporter.export([], (result) => resolve(result.code)))
    expect(code).toBe(ExportResultCode.FAILED)
  })
})
