import './agent-name.css'

/** An agent by its colour and its role; the id is there for those who look for it. */
export function AgentName({ id, role }: { readonly id: string; readonly role?: string | undefined }) {
  return (
    <span className="agent-name" data-hue={hueOf(id)} title={id}>
      {role ?? id}
    </span>
  )
}

/** One of the eight colours of tokens.css: always the same for an id. */
export function hueOf(id: string): number {
  let sum = 0
  for (let index = 0; index < id.length; index += 1) sum = (sum * 31 + id.charCodeAt(index)) % 1_000_003
  return sum % 8
}
