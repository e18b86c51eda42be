// A tool server, started by agent.mjs.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

const server = new McpServer({ name: 'recovery-tools', version: '1.0.0' })
const athlete = { description: 'Look up HRV', inputSchema: { athlete_id: z.string() } }
server.registerTool('hrv_lookup', athlete, () => ({ content: [{ type: 'text', text: 'Rest today.' }] }))
await server.connect(new StdioServerTransport())
