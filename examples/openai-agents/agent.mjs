// node --import auren-observability/register agent.mjs
// Needs: @openai/agents. Its own tracing is read; nothing is to be added.
import { Agent, run, setTraceProcessors, tool } from '@openai/agents'
import { z } from 'zod'

// The SDK sends its traces to OpenAI unless it is told not to. AUREN reads them all the same.
setTraceProcessors([])

const athlete = z.object({ athlete_id: z.string() })

const coach = new Agent({
  name: 'training_coach',
  model: 'gpt-5-mini',
  tools: [tool({ name: 'plan_session', description: 'Plan a session', parameters: athlete, execute: () => '40 min' })],
})

const neuroscientist = new Agent({
  name: 'neuroscientist',
  model: 'gpt-5-mini',
  tools: [tool({ name: 'hrv_lookup', description: 'Look up HRV', parameters: athlete, execute: () => 'rmssd 61.5' })],
  handoffs: [coach],
})

const result = await run(neuroscientist, 'Is athlete a-17 rested?')
console.log(result.finalOutput)
