import type { ProcessUsage } from '../translate/build-event.ts'

/** Milliseconds for which a measurement is used again: reading memory costs more than translating a span. */
const maxAgeMs = 1_000

/** Memory and CPU of this process, measured at most once a second. */
export function processUsageSampler(now: () => number = () => performance.now()): () => ProcessUsage {
  let measuredAt = now()
  let cpu = process.cpuUsage()
  let usage: ProcessUsage = { memoryMb: memoryMb(), cpuPercent: 0 }
  return () => {
    const elapsedMs = now() - measuredAt
    if (elapsedMs < maxAgeMs) return usage
    const { user, system } = process.cpuUsage(cpu)
    cpu = process.cpuUsage()
    measuredAt = now()
    usage = { memoryMb: memoryMb(), cpuPercent: round(((user + system) / 1000 / elapsedMs) * 100) }
    return usage
  }
}

function memoryMb(): number {
  return round(process.memoryUsage.rss() / 1024 / 1024)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
