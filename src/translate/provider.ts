import { text } from './attributes.ts'
import type { SpanRecord } from './span-record.ts'

/** Names met in the field → the value of `gen_ai.provider.name` in the conventions. */
const aliases: Readonly<Record<string, string>> = {
  vertex_ai: 'gcp.vertex_ai',
  gemini: 'gcp.gemini',
  google: 'gcp.gemini',
  googleai: 'gcp.gemini',
  vertexai: 'gcp.vertex_ai',
  azure: 'azure.ai.openai',
  'az.ai.openai': 'azure.ai.openai',
  'az.ai.inference': 'azure.ai.inference',
  xai: 'x_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  aws: 'aws.bedrock',
  amazon: 'aws.bedrock',
  bedrock: 'aws.bedrock',
  moonshot: 'moonshot_ai',
}

/** Frameworks that write their own name where the provider belongs. */
const frameworks = new Set([
  'crewai',
  'langchain',
  'langgraph',
  'autogen',
  'microsoft.agent_framework',
  'strands-agents',
  'gcp.vertex.agent',
])

/** The provider as the conventions name it; undefined when the value names a framework or the service itself. */
export function normaliseProvider(value: string | undefined, span: SpanRecord): string | undefined {
  if (value === undefined) return undefined
  // `openai.chat`: the provider, and which of its interfaces, as the AI SDK writes it.
  const name = value.toLowerCase().replace(/\.(?:chat|responses|completion|embedding|messages|image)$/, '')
  if (frameworks.has(name) || value === text(span.resource, 'service.name')) return undefined
  return aliases[name] ?? name
}
