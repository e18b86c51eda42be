import { AgentHues } from '../../client/agent-hues.ts'

const key = 'auren.agents'
/** As in tokens.css. */
const hues = new AgentHues(8)
for (const id of sessionStorage.getItem(key)?.split('\n') ?? []) hues.of(id)

/** The colour of an agent, 0 to 7: the same in all views, and after a reload of this tab. */
export function hueOf(id: string): number {
  const before = hues.owners.length
  const hue = hues.of(id)
  if (hues.owners.length > before) sessionStorage.setItem(key, hues.owners.join('\n'))
  return hue
}
