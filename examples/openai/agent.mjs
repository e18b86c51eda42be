// node --import auren-observability/register agent.mjs
// Needs: openai, @opentelemetry/instrumentation-openai (openai 4 to 6) or @arizeai/openinference-instrumentation-openai (5 to 7).
import { agent } from 'auren-observability'
import OpenAI from 'openai'

const openai = new OpenAI()

// The package knows calls, not agents: these two lines say whose they are.
await agent({ id: 'neuroscientist', role: 'Neuroscientist' }, async () => {
  const answer = await openai.chat.completions.create({
    model: 'gpt-5-mini',
    messages: [{ role: 'user', content: 'Is athlete a-17 rested?' }],
  })
  console.log(answer.choices[0].message.content)
})
