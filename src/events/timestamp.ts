/** Milliseconds since the epoch → `2026-11-21T04:30:00.123+00:00`. Python before 3.11 cannot read a trailing `Z`. */
export function toTimestamp(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, -1)}+00:00`
}
