// node --import auren-observability/register agent.mjs
// Needs: ai (5 or 6). Telemetry of every call is switched on; an agent's id is its name.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { ToolLoopAgent, tool } from 'ai'
import { z } from 'zod'

const openai = createOpenAICompatible({ name: 'openai', apiKey: 'none', baseURL: process.env.OPENAI_BASE_URL })

const neuroscientist = new ToolLoopAgent({
  id: 'neuroscientist',
  model: openai('gpt-5-mini'),
  tools: {
    hrv_lookup: tool({
      description: 'Look up HRV',
      inputSchema: z.object({ athlete_id: z.string() }),
      execute: () => ({ rmssd: 61.5 }),
    }),
  },
})

const { text } = await neuroscientist.generate({ prompt: 'Is athlete a-17 rested?' })
console.log(text)
