// npm start
// Needs: llamaindex, @llamaindex/openai, @llamaindex/workflow, @opentelemetry/instrumentation-openai.
import { openai } from '@llamaindex/openai'
import { agent as createAgent } from '@llamaindex/workflow'
import { agent } from 'auren-observability'
import { tool } from 'llamaindex'
import { z } from 'zod'

// LlamaIndex makes no spans: these lines say which agent works, and the tools it uses.
const question = 'Is athlete a-17 rested?'
await agent({ id: 'neuroscientist', role: 'Neuroscientist' }, async (run) => {
  const hrvLookup = tool({
    name: 'hrv_lookup',
    description: 'Look up HRV',
    parameters: z.object({ athlete_id: z.string() }),
    execute: () => run.tool({ name: 'hrv_lookup' }, () => 'rmssd 61.5'),
  })
  const neuroscientist = createAgent({ llm: openai({ model: 'gpt-5-mini' }), tools: [hrvLookup] })
  const { data } = await neuroscientist.run(question)
  console.log(data.result)
})
