import type { Finding, Verdict } from './finding.ts'

/** The way of an event, and the findings that tell of each part of it. */
const parts = {
  instrumented: ['library'],
  exported: ['agent', 'export'],
  stream: ['stream'],
  gateway: ['gateway'],
  client: ['token', 'probe'],
} as const satisfies Readonly<Record<string, readonly Finding['hop'][]>>

export type Part = keyof typeof parts

/** A verdict on each part of the way, in its order; `unknown` where nothing could be looked at. */
export function verdicts(findings: readonly Finding[]): Record<Part, Verdict | 'unknown'> {
  const entries = Object.entries(parts).map(([part, hops]: [string, readonly Finding['hop'][]]) => {
    const found = findings.filter(({ hop }) => hops.includes(hop)).map(({ verdict }) => verdict)
    // An application has libraries that it does not use, and a probe exports where no agent runs: one that is well is enough.
    const isAnyEnough = part === 'instrumented' || part === 'exported'
    const order = isAnyEnough ? (['broken', 'ok', 'note'] as const) : (['broken', 'note', 'ok'] as const)
    return [part, order.find((verdict) => found.includes(verdict)) ?? 'unknown']
  })
  return Object.fromEntries(entries) as Record<Part, Verdict | 'unknown'>
}
