// node --import auren-observability/register agent.mjs
// Needs: ai (7), @ai-sdk/otel. No line of telemetry but the functionId, which is the agent's name.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, stepCountIs, tool } from 'ai'
import { z } from 'zod'

const openai = createOpenAICompatible({ name: 'openai', apiKey: 'none', baseURL: process.env.OPENAI_BASE_URL })
const athlete = z.object({ athlete_id: z.string() })

const planSession = tool({ description: 'Plan a session', inputSchema: athlete, execute: () => ({ minutes: 40 }) })

/** An agent as a tool of another: a delegation. */
const askCoach = tool({
  description: 'Ask the training coach',
  inputSchema: athlete,
  execute: async ({ athlete_id: id }) => {
    const { text } = await generateText({
      model: openai('gpt-5-mini'),
      prompt: `Plan a session for ${id}.`,
      tools: { plan_session: planSession },
      stopWhen: stepCountIs(3),
      telemetry: { functionId: 'training_coach' },
    })
    return text
  },
})

const { text } = await generateText({
  model: openai('gpt-5-mini'),
  prompt: 'Is athlete a-17 rested?',
  tools: {
    hrv_lookup: tool({ description: 'Look up HRV', inputSchema: athlete, execute: () => ({ rmssd: 61.5 }) }),
    ask_coach: askCoach,
  },
  stopWhen: stepCountIs(5),
  telemetry: { functionId: 'neuroscientist' },
})
console.log(text)
