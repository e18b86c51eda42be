import { styleText } from 'node:util'
import { hasFailed, sentence } from '../client/sentence.ts'
import type { AurenEvent } from '../events/event.ts'

/** Colours that are readable on light and dark terminals; red is for failures only. */
const agentColours = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const

const agentWidth = 16

/** One event as one line for people: time, who, what. Control characters of the event never reach the terminal. */
export function eventLine(event: AurenEvent, colour: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text
  const time = localTime(event.timestamp)
  const agent = event.source_agent?.id ?? '–'
  const name = printable(agent).slice(0, agentWidth).padEnd(agentWidth)
  const text = printable(sentence(event))
  return `${paint('dim', time)} ${paint(colourOf(agent), name)} ${hasFailed(event) ? paint('red', text) : text}`
}

function localTime(timestamp: string): string {
  const date = new Date(timestamp)
  if (Number.isNaN(date.getTime())) return '--:--:--.---'
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
}

/** The same agent has the same colour in every run. */
function colourOf(agent: string): (typeof agentColours)[number] {
  let hash = 0
  for (const character of agent) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003
  return agentColours[hash % agentColours.length] ?? 'cyan'
}

/** Whatever an agent or a user wrote, it must not move the cursor or ring the bell. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}

/** no-color.org, and FORCE_COLOR as Node has it. */
export function usesColour(): boolean {
  if (process.env['NO_COLOR']) return false
  return Boolean(process.env['FORCE_COLOR']) || process.stdout.isTTY
}
