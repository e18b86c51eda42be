import type { Tracer } from '@opentelemetry/api'

/** Spans of one run: the agent itself, two model calls and a tool. */
export const spansPerRun = 4

function call(tracer: Tracer, number: number): void {
  const span = tracer.startSpan('chat gpt-5-mini', {
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-5-mini',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.max_tokens': 1_024,
      'server.address': 'api.openai.com',
    },
  })
  span.setAttributes({
    'gen_ai.response.model': 'gpt-5-mini-2025-08-07',
    'gen_ai.response.id': `chatcmpl-${number}`,
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 300 + (number % 997),
    'gen_ai.usage.output_tokens': 40 + (number % 211),
    'gen_ai.usage.cache_read.input_tokens': 128,
  })
  span.end()
}

/** One run of an agent, in the names of the GenAI conventions. */
export function runAgent(tracer: Tracer, number: number): void {
  const attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'neuroscientist',
    'gen_ai.conversation.id': `session-${number % 50}`,
    'user.id': 'ann',
  }
  tracer.startActiveSpan('invoke_agent neuroscientist', { attributes }, (agent) => {
    call(tracer, number)
    const tool = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'hrv_analysis',
      'gen_ai.tool.type': 'function',
    }
    tracer.startSpan('execute_tool hrv_analysis', { attributes: tool }).end()
    call(tracer, number)
    agent.end()
  })
}
