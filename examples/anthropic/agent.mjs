// npm start
// Needs: @anthropic-ai/sdk from 0.134, which makes spans itself.
import Anthropic from '@anthropic-ai/sdk'
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema'
import { agent } from 'auren-observability'

const anthropic = new Anthropic()

const hrvLookup = betaTool({
  name: 'hrv_lookup',
  description: 'Look up HRV',
  inputSchema: { type: 'object', properties: { athlete_id: { type: 'string' } }, required: ['athlete_id'] },
  run: () => 'rmssd 61.5',
})

// The SDK knows calls and tools, not agents: this line says whose they are.
await agent({ id: 'neuroscientist', role: 'Neuroscientist' }, async () => {
  const { content } = await anthropic.beta.messages.toolRunner({
    model: 'claude-sonnet-5',
    max_tokens: 1024,
    messages: [{ role: 'user', content: 'Is athlete a-17 rested?' }],
    tools: [hrvLookup],
  })
  console.log(content[0].text)
})
