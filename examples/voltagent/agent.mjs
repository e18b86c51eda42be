// npm start
// Needs: @voltagent/core, ai (6), @ai-sdk/openai-compatible. AUREN joins the OpenTelemetry set-up that VoltAgent brings.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { Agent, createTool } from '@voltagent/core'
import { z } from 'zod'

const openai = createOpenAICompatible({ name: 'openai', apiKey: 'none', baseURL: process.env.OPENAI_BASE_URL })
const parameters = z.object({ athlete_id: z.string() })

const coach = new Agent({
  name: 'training_coach',
  instructions: 'You plan sessions.',
  model: openai('gpt-5-mini'),
  tools: [
    createTool({
      name: 'plan_session',
      description: 'Plan a session',
      parameters,
      execute: () => Promise.resolve('40 min'),
    }),
  ],
})

const neuroscientist = new Agent({
  name: 'neuroscientist',
  instructions: 'You judge recovery.',
  model: openai('gpt-5-mini'),
  tools: [
    createTool({
      name: 'hrv_lookup',
      description: 'Look up HRV',
      parameters,
      execute: () => Promise.resolve('rmssd 61.5'),
    }),
  ],
  subAgents: [coach],
})

const { text } = await neuroscientist.generateText('Is athlete a-17 rested?')
console.log(text)
// Timers of VoltAgent go on.
process.exit()
