import type { Instrumentation } from '@opentelemetry/instrumentation'
import { AiSdkInstrumentation } from './hooks/ai-sdk.ts'
import { AiTelemetryInstrumentation } from './hooks/ai-telemetry.ts'
import { tellLangChainStarts } from './hooks/langchain-starts.ts'
import { underTheCaller } from './hooks/mcp-requests.ts'
import { OpenAiAgentsInstrumentation } from './hooks/openai-agents.ts'

/** A way to observe a library. */
export interface KnownInstrumentation {
  /** The package the application installs for it; without one it is a part of this package. */
  readonly package?: string
  /** Name of the scope its spans have. */
  readonly scope: string
  /** Major versions of the library it is for; absent: it says so itself. */
  readonly majors?: readonly [least: number, most: number]
  /** `load` gives what the package exports. Throws when that is not what it is taken for. */
  create(load: () => unknown): Instrumentation
  /** The file of an ES module to patch by hand, where it only knows the library's CommonJS: `library/path`. */
  readonly esModuleFile?: string
}

/** A library that agents use, and what can observe it. */
export interface KnownLibrary {
  /** Its package. */
  readonly name: string
  /** The best first: OpenTelemetry's own, then OpenInference, then OpenLLMetry. Only one is used, so that nothing counts twice. */
  readonly instrumentations: readonly KnownInstrumentation[]
  /** From this version it makes spans of its own, in this scope, and needs no instrumentation. */
  readonly ownSpans?: { readonly since: string; readonly scope: string }
  /** Packages of frameworks whose own instrumentation shows the calls of this library, without a link between the two spans. */
  readonly shownBy?: Readonly<Record<string, string>>
  /** A package with which the application observes the library itself. */
  readonly leftTo?: string
  /** What to do where nothing of the list is installed. */
  readonly hint?: string
}

type Adaptation = Partial<Pick<KnownInstrumentation, 'scope' | 'majors' | 'esModuleFile'>> & {
  /** Mends what the package leaves out or gets wrong. */
  readonly adapt?: (instrumentation: Instrumentation) => Instrumentation
}

function packaged(
  name: string,
  exportName: string,
  more: Adaptation & { readonly config?: object } = {},
): KnownInstrumentation {
  const { config, adapt, ...rest } = more
  return {
    package: name,
    scope: name,
    ...rest,
    create: (load) => {
      const exports = load() as Readonly<Record<string, new (config?: object) => Instrumentation>>
      const Constructor = exports[exportName]
      if (Constructor === undefined) throw new TypeError(`it exports no ${exportName}`)
      const instrumentation = new Constructor(config)
      return adapt?.(instrumentation) ?? instrumentation
    },
  }
}

const otel = (name: string, exportName: string, config?: object) =>
  packaged(`@opentelemetry/instrumentation-${name}`, exportName, config === undefined ? {} : { config })
const openInference = (name: string, exportName: string, more: Adaptation = {}) =>
  packaged(`@arizeai/openinference-instrumentation-${name}`, exportName, more)
const openLlmetry = (name: string, exportName: string, more: Adaptation = {}) =>
  packaged(`@traceloop/instrumentation-${name}`, exportName, more)

/** In the order in which `auren doctor` lists them. */
export const knownLibraries: readonly KnownLibrary[] = [
  {
    name: 'openai',
    instrumentations: [
      // Up to 0.22 it is for 4.19 to 6.
      packaged('@opentelemetry/instrumentation-openai', 'OpenAIInstrumentation', { majors: [4, 6] }),
      openInference('openai', 'OpenAIInstrumentation'),
      openLlmetry('openai', 'OpenAIInstrumentation'),
    ],
    shownBy: { '@langchain/openai': '@langchain/core' },
  },
  {
    name: '@openai/agents',
    instrumentations: [{ scope: OpenAiAgentsInstrumentation.scope, create: () => new OpenAiAgentsInstrumentation() }],
    leftTo: '@arizeai/openinference-instrumentation-openai-agents',
  },
  {
    name: 'ai',
    instrumentations: [
      {
        package: '@ai-sdk/otel',
        scope: 'gen_ai',
        majors: [7, 7],
        create: (load) => new AiTelemetryInstrumentation(load),
      },
      { scope: 'ai', majors: [5, 6], create: () => new AiSdkInstrumentation() },
    ],
    leftTo: '@voltagent/core',
  },
  {
    name: '@anthropic-ai/sdk',
    instrumentations: [
      openInference('anthropic', 'AnthropicInstrumentation'),
      openLlmetry('anthropic', 'AnthropicInstrumentation'),
    ],
    ownSpans: { since: '0.134.0', scope: 'com.anthropic.sdk.typescript' },
    shownBy: { '@langchain/anthropic': '@langchain/core' },
  },
  {
    name: '@anthropic-ai/claude-agent-sdk',
    instrumentations: [openInference('claude-agent-sdk', 'ClaudeAgentSDKInstrumentation')],
  },
  {
    name: '@langchain/core',
    instrumentations: [
      openInference('langchain', 'LangChainInstrumentation', {
        esModuleFile: '@langchain/core/dist/callbacks/manager.js',
        adapt: tellLangChainStarts,
      }),
    ],
    hint: 'install @arizeai/openinference-instrumentation-langchain; that of OpenLLMetry is not used, since streams of agents hang under it',
  },
  { name: 'llamaindex', instrumentations: [openLlmetry('llamaindex', 'LlamaIndexInstrumentation')] },
  {
    name: '@modelcontextprotocol/sdk',
    instrumentations: [
      openLlmetry('mcp', 'McpInstrumentation', { adapt: underTheCaller }),
      openInference('mcp', 'MCPInstrumentation'),
    ],
  },
  {
    name: '@aws-sdk/client-bedrock-runtime',
    instrumentations: [
      otel('aws-sdk', 'AwsInstrumentation'),
      openInference('bedrock', 'BedrockInstrumentation'),
      openLlmetry('bedrock', 'BedrockInstrumentation'),
    ],
    shownBy: { '@langchain/aws': '@langchain/core' },
  },
  {
    name: '@aws-sdk/client-bedrock-agent-runtime',
    instrumentations: [openInference('bedrock-agent-runtime', 'BedrockAgentInstrumentation')],
  },
  {
    name: 'cohere-ai',
    instrumentations: [openLlmetry('cohere', 'CohereInstrumentation')],
    shownBy: { '@langchain/cohere': '@langchain/core' },
  },
  { name: 'together-ai', instrumentations: [openLlmetry('together', 'TogetherInstrumentation')] },
  { name: '@azure/openai', instrumentations: [openLlmetry('azure', 'AzureOpenAIInstrumentation')] },
  { name: '@google-cloud/vertexai', instrumentations: [openLlmetry('vertexai', 'VertexAIInstrumentation')] },
  { name: '@google-cloud/aiplatform', instrumentations: [openLlmetry('vertexai', 'AIPlatformInstrumentation')] },
  { name: 'ioredis', instrumentations: [otel('ioredis', 'IORedisInstrumentation')] },
  { name: 'redis', instrumentations: [otel('redis', 'RedisInstrumentation')] },
  { name: 'pg', instrumentations: [otel('pg', 'PgInstrumentation')] },
  { name: 'chromadb', instrumentations: [openLlmetry('chromadb', 'ChromaDBInstrumentation')] },
  { name: '@qdrant/js-client-rest', instrumentations: [openLlmetry('qdrant', 'QdrantInstrumentation')] },
  { name: '@pinecone-database/pinecone', instrumentations: [openLlmetry('pinecone', 'PineconeInstrumentation')] },
  { name: 'genkit', instrumentations: [], ownSpans: { since: '0.0.0', scope: 'genkit-tracer' } },
  { name: '@voltagent/core', instrumentations: [], ownSpans: { since: '1.0.0', scope: '@voltagent/core' } },
  {
    name: '@mastra/core',
    instrumentations: [],
    hint: 'give its exporter, @mastra/otel-exporter, the address of a gateway',
  },
]
