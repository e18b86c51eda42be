// An agent as an application has it: the real openai package, and not a line of telemetry besides the name of the agent.
import { agent } from 'auren-observability'
import OpenAI from 'openai'

const openai = new OpenAI({ apiKey: 'none', baseURL: process.env['OPENAI_BASE_URL'], maxRetries: 0 })
const model = 'gpt-5-mini'
const say = (content: string) => [{ role: 'user' as const, content }]

await agent({ id: 'neuroscientist', role: 'Neuroscientist', session: 'session-1', user: 'user-1' }, async (run) => {
  await openai.chat.completions.create({ model, messages: say(`wait ${process.env['CALL_MS'] ?? '20'}`) })
  const stream = await openai.chat.completions.create({
    model,
    messages: say('stream'),
    stream: true,
    stream_options: { include_usage: true },
  })
  for await (const chunk of stream) void chunk
  const tools = [{ type: 'function' as const, function: { name: 'hrv_lookup', parameters: {} } }]
  const { choices } = await openai.chat.completions.create({ model, messages: say('look it up'), tools })
  const callId = choices[0]?.message.tool_calls?.[0]?.id
  await run.tool({ name: 'hrv_lookup', ...(callId === undefined ? {} : { callId }) }, (step) =>
    step.result({ rmssd: 61.5 }),
  )
  await openai.chat.completions.create({ model, messages: say('fail') }).catch(() => undefined)
})

// Stays until it is ended, so that its metrics can be scraped.
if (process.env['STAY']) setInterval(() => undefined, 1_000)
