// npm start
// Needs: @langchain/langgraph, langchain, @langchain/openai, @arizeai/openinference-instrumentation-langchain.
import { Command, END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ToolMessage } from '@langchain/core/messages'
import { ChatOpenAI } from '@langchain/openai'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'

const model = new ChatOpenAI({ model: 'gpt-5-mini' })
const athlete = z.object({ athlete_id: z.string() })

const hrvLookup = tool(() => 'rmssd 61.5', { name: 'hrv_lookup', description: 'Look up HRV', schema: athlete })
const planSession = tool(() => '40 min', { name: 'plan_session', description: 'Plan a session', schema: athlete })

/** A tool that goes on at another node of the graph: a hand-off. */
const askCoach = tool(
  (_, { toolCall }) =>
    new Command({
      goto: 'training_coach',
      graph: Command.PARENT,
      update: { messages: [new ToolMessage({ content: 'The coach takes over.', tool_call_id: toolCall.id })] },
    }),
  { name: 'ask_coach', description: 'Hand over to the training coach', schema: z.object({}) },
)

const neuroscientist = createAgent({ name: 'neuroscientist', model, tools: [hrvLookup, askCoach] })
const coach = createAgent({ name: 'training_coach', model, tools: [planSession] })

const team = new StateGraph(MessagesAnnotation)
  .addNode('neuroscientist', neuroscientist.graph, { ends: ['training_coach', END] })
  .addNode('training_coach', coach.graph)
  .addEdge(START, 'neuroscientist')
  .addEdge('training_coach', END)
  .compile()

const question = { messages: [{ role: 'user', content: 'Is athlete a-17 rested?' }] }
const { messages } = await team.invoke(question, { configurable: { thread_id: 'thread-42' } })
console.log(messages.at(-1).content)
