// npm start
// Needs: genkit, @genkit-ai/compat-oai. Genkit makes spans itself; a flow is an agent.
import { openAICompatible } from '@genkit-ai/compat-oai'
import { genkit, z } from 'genkit'

const openai = openAICompatible({
  name: 'openai',
  apiKey: process.env.OPENAI_API_KEY,
  baseURL: process.env.OPENAI_BASE_URL,
})
const ai = genkit({ plugins: [openai] })

const hrvLookup = ai.defineTool(
  { name: 'hrv_lookup', description: 'Look up HRV', inputSchema: z.object({ athlete_id: z.string() }) },
  () => Promise.resolve('rmssd 61.5'),
)

const neuroscientist = ai.defineFlow('neuroscientist', async (question) => {
  const { text } = await ai.generate({ model: 'openai/gpt-5-mini', prompt: question, tools: [hrvLookup] })
  return text
})

console.log(await neuroscientist('Is athlete a-17 rested?'))
