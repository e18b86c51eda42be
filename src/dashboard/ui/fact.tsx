import type { ReactNode } from 'react'
import './fact.css'

/** Something that is known, with its name, inside a `dl` of the class `figures` (side by side) or `facts` (one below the other). */
export function Fact({
  name,
  tone,
  children,
}: {
  readonly name: string
  readonly tone?: 'bad' | 'warn' | undefined
  readonly children: ReactNode
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-tone={tone}>{children}</dd>
    </div>
  )
}
