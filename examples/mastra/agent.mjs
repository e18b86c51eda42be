// npm start
// Needs: @mastra/core, @mastra/observability, @mastra/otel-exporter, @opentelemetry/exporter-trace-otlp-proto; a gateway.
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { Observability } from '@mastra/observability'
import { OtelExporter } from '@mastra/otel-exporter'
import { z } from 'zod'

const model = { id: 'openai/gpt-5-mini', url: process.env.OPENAI_BASE_URL, apiKey: process.env.OPENAI_API_KEY }
const athlete = z.object({ athlete_id: z.string() })

const trainingCoach = new Agent({
  id: 'training_coach',
  name: 'training_coach',
  description: 'Plans sessions',
  instructions: 'You plan sessions.',
  model,
  tools: {
    plan_session: createTool({
      id: 'plan_session',
      description: 'Plan a session',
      inputSchema: athlete,
      execute: () => Promise.resolve({ minutes: 40 }),
    }),
  },
})

const neuroscientist = new Agent({
  id: 'neuroscientist',
  name: 'neuroscientist',
  instructions: 'You judge recovery.',
  model,
  tools: {
    hrv_lookup: createTool({
      id: 'hrv_lookup',
      description: 'Look up HRV',
      inputSchema: athlete,
      execute: () => Promise.resolve({ rmssd: 61.5 }),
    }),
  },
  agents: { trainingCoach },
})

const gateway = process.env.AUREN_GATEWAY_URL ?? 'http://127.0.0.1:8765'
const exporter = new OtelExporter({
  provider: { custom: { endpoint: `${gateway}/v1/traces`, protocol: 'http/protobuf' } },
})

const mastra = new Mastra({
  agents: { neuroscientist, trainingCoach },
  logger: false,
  observability: new Observability({ configs: { default: { serviceName: 'recovery-lab', exporters: [exporter] } } }),
})

const { text } = await mastra.getAgent('neuroscientist').generate('Is athlete a-17 rested?')
console.log(text)
await mastra.shutdown()
