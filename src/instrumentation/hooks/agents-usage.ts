import type { Attributes } from '@opentelemetry/api'

type Fields = Readonly<Record<string, unknown>>

/**
 * What a model call of the Agents SDK knows at its end. A `response` span has the answer of the Responses API, a `generation`
 * span that of Chat Completions, each with its own names for the same counts; neither when the user keeps data out of traces.
 */
export function modelUsage({ _response: response, output, usage: stated }: Fields): Attributes {
  const answer = fields(response) ?? (Array.isArray(output) ? fields(output[0]) : undefined) ?? {}
  const usage = fields(answer['usage']) ?? fields(stated) ?? {}
  const input = fields(usage['input_tokens_details']) ?? fields(usage['prompt_tokens_details']) ?? {}
  const result = fields(usage['output_tokens_details']) ?? fields(usage['completion_tokens_details']) ?? {}
  return onlyKnown({
    'gen_ai.response.id': answer['id'],
    'gen_ai.response.model': answer['model'],
    'gen_ai.response.finish_reasons': finishReasons(answer),
    'gen_ai.usage.input_tokens': usage['input_tokens'] ?? usage['prompt_tokens'],
    'gen_ai.usage.output_tokens': usage['output_tokens'] ?? usage['completion_tokens'],
    'gen_ai.usage.cache_read.input_tokens': input['cached_tokens'],
    'gen_ai.usage.reasoning.output_tokens': result['reasoning_tokens'],
  })
}

function finishReasons({ choices }: Fields): string[] | undefined {
  if (!Array.isArray(choices)) return undefined
  return choices.flatMap((choice) => {
    const reason = fields(choice)?.['finish_reason']
    return typeof reason === 'string' ? [reason] : []
  })
}

function fields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined
}

function onlyKnown(facts: Fields): Attributes {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(known)
}
