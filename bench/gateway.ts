// What a delivery costs, beside what one would write or use otherwise: `npm run bench:gateway`. The server, its clients and
// the writer are processes of their own, and a real redis-server stands between them. A delivery is one event to one socket.
// The figure that is compared is deliveries in a second of the server's own CPU time, user and system, which other
// work on the machine disturbs little; all servers of a line are measured in the same run, in turn.
import { cpus, loadavg, release, totalmem } from 'node:os'
import { floodingClients } from './gateway/flooding-clients.ts'
import { idleMemory } from './gateway/idle-memory.ts'
import { latency } from './gateway/latency.ts'
import { resumeStorm } from './gateway/resume-storm.ts'
import { stalledClients } from './gateway/stalled-clients.ts'
import { throughput } from './gateway/throughput.ts'

console.log(
  `node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, load before ${loadavg()[0]?.toFixed(1)}\n`,
)
const parts = {
  throughput,
  latency,
  idle: idleMemory,
  stalled: stalledClients,
  flooding: floodingClients,
  resume: resumeStorm,
}
const asked = process.argv.slice(2)
for (const [name, measure] of Object.entries(parts)) if (asked.length === 0 || asked.includes(name)) await measure()
console.log(`\n${(performance.now() / 60_000).toFixed(1)} minutes, load after ${loadavg()[0]?.toFixed(1)}`)
