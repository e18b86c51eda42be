// npm start
// Needs: @modelcontextprotocol/sdk, @traceloop/instrumentation-mcp.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { agent } from 'auren-observability'

const tools = new Client({ name: 'recovery-lab', version: '1.0.0' })
await tools.connect(new StdioClientTransport({ command: process.execPath, args: ['server.mjs'] }))

// A client knows tools, not agents: this line says whose they are.
await agent({ id: 'neuroscientist', role: 'Neuroscientist' }, async () => {
  const { content } = await tools.callTool({ name: 'hrv_lookup', arguments: { athlete_id: 'a-17' } })
  console.log(content[0].text)
})
await tools.close()
