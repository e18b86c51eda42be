/** The last moment that a date can hold, and without its sign the first, in milliseconds since the epoch (ECMA-262, time values). */
export const maxTime = 8.64e15

/** Milliseconds since the epoch → `2026-11-21T04:30:00.123+00:00`. Python before 3.11 cannot read a trailing `Z`. */
export function toTimestamp(epochMs: number): string {
  const ms = Math.trunc(epochMs)
  const second = Math.floor(ms / 1000)
  if (second !== known.second) known = { second, text: new Date(second * 1000).toISOString().slice(0, -4) }
  return `${known.text}${String(ms - second * 1000).padStart(3, '0')}+00:00`
}

/** The text of one second up to the point: events come in the order of time, and a date costs more than all else here. */
let known = { second: 0, text: '1970-01-01T00:00:00.' }
