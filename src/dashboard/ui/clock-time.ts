const format = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
})

/** `05:28:42.260` in the reader's own time zone; the text as it is where it is no time. */
export function clockTime(timestamp: string): string {
  const at = Date.parse(timestamp)
  return Number.isNaN(at) ? timestamp : format.format(at)
}
