// node --import auren-observability/register agent.mjs
// Needs: langchain, @langchain/openai, @arizeai/openinference-instrumentation-langchain.
import { ChatOpenAI } from '@langchain/openai'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'

const hrvLookup = tool(() => 'rmssd 61.5', {
  name: 'hrv_lookup',
  description: 'Look up HRV',
  schema: z.object({ athlete_id: z.string() }),
})

// The name becomes the agent; a thread id becomes the session.
const neuroscientist = createAgent({
  name: 'neuroscientist',
  model: new ChatOpenAI({ model: 'gpt-5-mini' }),
  tools: [hrvLookup],
})

const question = { messages: [{ role: 'user', content: 'Is athlete a-17 rested?' }] }
const { messages } = await neuroscientist.invoke(question, { configurable: { thread_id: 'thread-42' } })
console.log(messages.at(-1).content)
