/** A number with its name, inside a `dl` of the class `figures`. */
export function Figure({
  name,
  value,
  tone,
}: {
  readonly name: string
  readonly value: string
  readonly tone?: 'bad' | 'warn' | undefined
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-tone={tone}>{value}</dd>
    </div>
  )
}
