import { hueOf } from './hue-of.ts'
import './agent-name.css'

/** An agent by its colour and its role; the id is there for those who look for it. */
export function AgentName({ id, role }: { readonly id: string; readonly role?: string | undefined }) {
  return (
    <span className="agent-name" data-hue={hueOf(id)} title={id}>
      {role ?? id}
    </span>
  )
}
