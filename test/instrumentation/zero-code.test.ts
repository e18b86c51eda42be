import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AurenEvent } from '../../src/events/event.ts'
import { openStream } from '../../src/streams/open-stream.ts'
import { programFile, programWithAiSdk6 } from '../support/program-file.ts'
import { startOpenAiServer } from '../support/openai-server.ts'
import { startNode, temporaryFolder, temporaryLog } from '../support/processes.ts'

interface Run {
  readonly events: readonly AurenEvent[]
  readonly stderr: string
}

/** Runs a program with --import alone and waits for its end. */
async function run(program: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const log = temporaryLog()
  const running = startNode(['--import', 'auren-observability/register', ...program], {
    AUREN_STREAM_URL: log,
    OPENAI_BASE_URL: await startOpenAiServer(),
    OPENAI_API_KEY: 'none',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    ...env,
  })
  expect(await running.exited(), running.stderr()).toBe(0)
  const stream = await openStream(log)
  onTestFinished(() => stream.close())
  const events = (await stream.recent(100)).map(({ event }) => event).reverse()
  // On a busy machine a run may last until a heartbeat.
  return { events: events.filter(({ event_type: type }) => type !== 'heartbeat'), stderr: running.stderr() }
}

const esm = (code: string) => ['--input-type=module', '--eval', code]
const calls = ({ events }: Run) => events.filter(({ event_type: type }) => type === 'llm_call')

const ask = `
  const openai = new OpenAI()
  openai.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hello' }] }).then(() => {})`

describe('an instrumentation that is installed', () => {
  const openInferenceOnly = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: '@opentelemetry/instrumentation-openai' }

  it.each([
    ['OpenTelemetry, in CommonJS', 'agent.cjs', {}, 'gen_ai'],
    ['OpenInference, in CommonJS', 'agent.cjs', openInferenceOnly, 'openinference'],
    // Its copy of the module loader is another than ours.
    ['OpenInference, in ES modules', 'agent.mjs', openInferenceOnly, 'openinference'],
  ])('sees each call once: %s', async (_name, file, env, dialect) => {
    const load = file.endsWith('.cjs') ? "const { OpenAI } = require('openai')" : "import { OpenAI } from 'openai'"
    const seen = calls(await run([programFile(`${load}\n${ask}`, file)], env))
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      payload: { model: 'gpt-5-mini-2025-08-07', input_tokens: 1_000, cost: 0.00045, success: true },
      metadata: { dialect },
    })
  })

  it('sees models of LangChain in ES modules, where it only knows the CommonJS', async () => {
    const seen = calls(
      await run(
        esm(`import { FakeListChatModel } from '@langchain/core/utils/testing'
             await new FakeListChatModel({ responses: ['Rest today.'] }).invoke('hello')`),
      ),
    )
    expect(seen.map(({ metadata }) => metadata['platform'])).toEqual(['langchain'])
  })

  it('shows whose work a step of LangChain is when it begins, and not at its end only', async () => {
    const { events } = await run(
      esm(`import { RunnableLambda } from '@langchain/core/runnables'
           import { FakeListChatModel } from '@langchain/core/utils/testing'
           const model = new FakeListChatModel({ responses: ['Rest today.'] })
           const metadata = { lc_agent_name: 'neuroscientist', thread_id: 'thread-42' }
           const agent = RunnableLambda.from((question, config) => model.invoke(question, config))
           await agent.withConfig({ runName: 'neuroscientist', metadata }).invoke('hello')`),
    )
    const steps = events.map(({ event_type: type, source_agent: by, session_id: session }) => [type, by?.id, session])
    expect(steps).toEqual(
      ['agent_execution_started', 'llm_call_started', 'llm_call', 'agent_execution_completed'].map((type) => [
        type,
        'neuroscientist',
        'thread-42',
      ]),
    )
  })

  it('that does not fit its library is one line of warning, and the import of the library goes on', async () => {
    const folder = temporaryFolder()
    const write = (path: string, content: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
      return join(folder, path)
    }
    write('node_modules/openai/package.json', '{ "version": "6.0.0", "type": "module", "exports": "./index.js" }')
    write('node_modules/openai/index.js', "export const answer = 'Rest today.'")
    write('node_modules/@opentelemetry/instrumentation-openai/package.json', '{ "version": "1.0.0" }')
    write(
      'node_modules/@opentelemetry/instrumentation-openai/index.js',
      `const { InstrumentationBase, InstrumentationNodeModuleDefinition } = require(${JSON.stringify(
        join(process.cwd(), 'node_modules/@opentelemetry/instrumentation'),
      )})
       exports.OpenAIInstrumentation = class extends InstrumentationBase {
         constructor() { super('misfit', '1.0.0', {}) }
         init() { return new InstrumentationNodeModuleDefinition('openai', ['*'], (exports) => exports.Chat.prototype) }
       }`,
    )
    const result = await run([write('agent.mjs', "import { answer } from 'openai'; console.log(answer)")])
    expect(result.stderr.match(/AurenWarning/g)).toHaveLength(1)
    expect(result.stderr).toContain('openai cannot be observed by misfit: ')
  })

  it('is one line of warning when it is broken, and costs no other', async () => {
    const folder = temporaryFolder()
    const broken = join(folder, 'node_modules/@opentelemetry/instrumentation-pg')
    mkdirSync(broken, { recursive: true })
    writeFileSync(join(broken, 'package.json'), '{ "version": "1.0.0" }')
    writeFileSync(join(broken, 'index.js'), "throw new Error('half installed')")
    const program = join(folder, 'agent.cjs')
    writeFileSync(
      program,
      `const { OpenAI } = require(${JSON.stringify(join(process.cwd(), 'node_modules/openai'))}); ${ask}`,
    )
    const result = await run([program])
    expect(result.stderr.match(/AurenWarning/g)).toHaveLength(1)
    expect(result.stderr).toContain('@opentelemetry/instrumentation-pg cannot be used: half installed')
    expect(calls(result)).toHaveLength(1)
  })
})

describe('the AI SDK', () => {
  const model = `createOpenAICompatible({ name: 'openai', baseURL: process.env.OPENAI_BASE_URL })('gpt-5-mini')`

  it('7 is seen once when the application registers its telemetry too, and names no agent by its model', async () => {
    const result = await run(
      esm(`import { OpenTelemetry } from '@ai-sdk/otel'
           import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
           import { generateText, registerTelemetry } from 'ai'
           await generateText({ model: ${model}, prompt: 'before' })
           registerTelemetry(new OpenTelemetry({ agentSpanName: () => 'invoke_agent' }))
           await generateText({ model: ${model}, prompt: 'after' })`),
    )
    expect(calls(result)).toHaveLength(2)
    expect(result.events.map(({ source_agent: agent }) => agent)).toEqual([null, null, null, null])
  })

  it('6 is seen in CommonJS, and not where the application says no', async () => {
    const program = programWithAiSdk6(
      `const { createOpenAICompatible } = require('@ai-sdk/openai-compatible')
       const { generateText } = require('ai')
       void (async () => {
         await generateText({ model: ${model}, prompt: 'seen' })
         await generateText({ model: ${model}, prompt: 'unseen', experimental_telemetry: { isEnabled: false } })
       })()`,
      'agent.cjs',
    )
    expect(calls(await run([program]))).toHaveLength(1)
  })
})

describe('the OpenAI Agents SDK', () => {
  it('is seen in its stream, inside of the agent that the application names itself', async () => {
    const result = await run(
      esm(`import { agent } from 'auren-observability'
           import { Agent, run, setOpenAIAPI, setTraceProcessors } from '@openai/agents'
           setTraceProcessors([])
           setOpenAIAPI('chat_completions')
           await agent({ id: 'lead', session: 'session-1' }, async () => {
             const stream = await run(new Agent({ name: 'coach', model: 'gpt-5-mini' }), 'hello', { stream: true })
             for await (const event of stream) void event
             await stream.completed
           })`),
    )
    expect(result.events.map(({ event_type: type, source_agent: agent }) => `${type} ${agent?.id}`)).toEqual([
      'agent_execution_started lead',
      'agent_execution_started coach',
      'llm_call_started coach',
      'llm_call coach',
      'agent_execution_completed coach',
      'agent_collaboration lead',
      'agent_execution_completed lead',
    ])
    expect(new Set(result.events.map(({ session_id: session }) => session))).toEqual(new Set(['session-1']))
    expect(calls(result)[0]?.payload).toMatchObject({ input_tokens: 1_000, cost: 0.00045, success: true })
  })
})
