// Run as a process of its own: an agent that calls a tool which never answers, with a heartbeat five times a second.
import { agent, startAuren } from '../../src/index.ts'

startAuren({ stream: process.argv[2] ?? '', heartbeatMs: 200, prometheus: false })
setInterval(() => undefined, 60_000)
await agent('lead', async (run) => {
  await run.tool('wait', async () => {
    process.send?.('the tool is called')
    await new Promise(() => undefined)
  })
})
