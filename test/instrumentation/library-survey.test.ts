import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ApplicationPackages } from '../../src/instrumentation/application-packages.ts'
import { surveyLibraries } from '../../src/instrumentation/library-survey.ts'
import { temporaryFolder } from '../support/processes.ts'

/** What becomes of one library in an application that has these packages. */
function verdict(name: string, packages: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const folder = temporaryFolder()
  for (const [installed, version] of Object.entries(packages)) {
    mkdirSync(join(folder, 'node_modules', installed), { recursive: true })
    writeFileSync(join(folder, 'node_modules', installed, 'package.json'), JSON.stringify({ name: installed, version }))
  }
  const verdicts = surveyLibraries(new ApplicationPackages([folder]), env)
  const { version, scope, instrumentation, reason } = verdicts.find(({ library }) => library.name === name) ?? {}
  return { version, scope, package: instrumentation?.package, reason }
}

const otel = '@opentelemetry/instrumentation-openai'
const openInference = '@arizeai/openinference-instrumentation-openai'
const openLlmetry = '@traceloop/instrumentation-openai'
const all = { openai: '6.49.0', [otel]: '0.22.0', [openInference]: '4.2.7', [openLlmetry]: '0.27.0' }

describe('of several instrumentations of a library', () => {
  it("takes one: OpenTelemetry's own, else OpenInference's, else OpenLLMetry's", () => {
    expect(verdict('openai', all).package).toBe(otel)
    expect(verdict('openai', { ...all, openai: '7.55.0' }).package).toBe(openInference)
    expect(verdict('openai', { openai: '6.49.0', [openLlmetry]: '0.27.0' }).package).toBe(openLlmetry)
  })

  it('leaves out what OTEL_NODE_DISABLED_INSTRUMENTATIONS names, in short or in full', () => {
    expect(verdict('openai', all, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: `pg, ${otel}` }).package).toBe(openInference)
    const off = verdict('openai', all, { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'openai' })
    expect(off).toMatchObject({ package: undefined, reason: 'switched off by OTEL_NODE_…_INSTRUMENTATIONS' })
  })

  it('takes only what OTEL_NODE_ENABLED_INSTRUMENTATIONS names, when it names something', () => {
    expect(verdict('openai', all, { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg' }).package).toBeUndefined()
    expect(verdict('openai', all, { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg,openai' }).package).toBe(otel)
    expect(verdict('openai', all, { OTEL_NODE_ENABLED_INSTRUMENTATIONS: ' ' }).package).toBe(otel)
  })
})

describe('a library', () => {
  it('that is missing is told with what to install, and its instrumentation waits for it', () => {
    expect(verdict('pg', {})).toMatchObject({
      version: undefined,
      reason: 'install @opentelemetry/instrumentation-pg',
    })
    expect(verdict('openai', { [otel]: '0.22.0' })).toMatchObject({ version: undefined, package: otel })
  })

  it('that makes spans of its own gets no instrumentation beside them', () => {
    const packages = { '@arizeai/openinference-instrumentation-anthropic': '0.2.8' }
    const own = verdict('@anthropic-ai/sdk', { ...packages, '@anthropic-ai/sdk': '1.11.0' })
    expect(own).toMatchObject({ scope: 'com.anthropic.sdk.typescript', package: undefined, reason: undefined })
    expect(verdict('@anthropic-ai/sdk', { ...packages, '@anthropic-ai/sdk': '0.120.0' }).package).toBe(
      '@arizeai/openinference-instrumentation-anthropic',
    )
  })

  it('whose calls LangChain shows is not observed twice, unless it is asked for by name', () => {
    const langChain = {
      '@langchain/core': '1.2.13',
      '@langchain/openai': '1.5.13',
      '@arizeai/openinference-instrumentation-langchain': '4.1.1',
    }
    expect(verdict('openai', { ...all, ...langChain })).toMatchObject({
      package: undefined,
      reason: 'its calls are shown through @langchain/openai',
    })
    const asked = { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'openai,langchain' }
    expect(verdict('openai', { ...all, ...langChain }, asked).package).toBe(otel)
    expect(verdict('openai', { ...all, '@langchain/openai': '1.5.13' }).package).toBe(otel)
  })

  it('is hooked by its major version', () => {
    const withOtel = { '@ai-sdk/otel': '1.0.173' }
    expect(verdict('ai', { ai: '7.0.173', ...withOtel })).toMatchObject({ scope: 'gen_ai', package: '@ai-sdk/otel' })
    expect(verdict('ai', { ai: '7.0.173' }).reason).toBe('install @ai-sdk/otel')
    expect(verdict('ai', { ai: '6.0.326' })).toMatchObject({ scope: 'ai', package: undefined, reason: undefined })
    expect(verdict('ai', { ai: '4.3.0', ...withOtel }).reason).toBe('nothing is known that observes ai 4.3.0')
  })

  it('that the application observes itself is left to it', () => {
    const packages = { '@openai/agents': '0.14.3', '@arizeai/openinference-instrumentation-openai-agents': '0.2.15' }
    expect(verdict('@openai/agents', packages).reason).toMatch(/^left to @arizeai/)
    expect(verdict('@openai/agents', { '@openai/agents': '0.14.3' }).scope).toMatch(/openai-agents$/)
  })
})
