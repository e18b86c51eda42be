import { styleText } from 'node:util'
import { AgentHues } from '../../client/agent-hues.ts'
import { hasFailed, sentence } from '../../client/sentence.ts'
import type { AurenEvent } from '../../events/event.ts'
import type { Look } from './terminal.ts'

type Style = Parameters<typeof styleText>[0]

/** Colours that are readable on light and dark terminals; red is for failures only. */
const agentColours = ['cyan', 'magenta', 'blue', 'green', 'yellow'] as const
const hues = new AgentHues(agentColours.length)

/** Characters of the columns, and whether the time has milliseconds; narrow terminals have under 80. */
const wide = { time: 12, agent: 16 } as const
const narrow = { time: 8, agent: 14 } as const
const narrowBelow = 80
/** A text is not folded into less than this. */
const leastText = 24

/**
 * One event for people: time, who, what. One line, folded under its text where a terminal is too narrow. Control characters of the
 * event never reach the terminal.
 */
export function eventLine(event: AurenEvent, { colour, width }: Look): string {
  const columns = width !== undefined && width < narrowBelow ? narrow : wide
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text)
  const agent = event.source_agent?.id ?? '–'
  const time = localTime(event.timestamp).slice(0, columns.time)
  const name = column(printable(agent), columns.agent)
  const indent = columns.time + columns.agent + 2
  const text = fold(printable(sentence(event)), width === undefined ? undefined : Math.max(leastText, width - indent))
  const style = styleOf(event)
  const lines = text.map((line) => (style === undefined ? line : paint(style, line)))
  return `${paint('dim', time)} ${paint(agentColours[hues.of(agent)] ?? 'cyan', name)} ${lines.join(`\n${' '.repeat(indent)}`)}`
}

/** Failures stand out; what only begins steps back behind what it comes to. */
function styleOf(event: AurenEvent): Style | undefined {
  if (hasFailed(event)) return 'red'
  return event.event_type.endsWith('_started') || event.event_type === 'heartbeat' ? 'dim' : undefined
}

function column(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}

/** Lines of at most `width` characters, broken between words; a longer word stands alone. */
function fold(text: string, width: number | undefined): string[] {
  if (width === undefined || text.length <= width) return [text]
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

function localTime(timestamp: string): string {
  const date = new Date(timestamp)
  if (Number.isNaN(date.getTime())) return '--:--:--.---'
  const pad = (value: number, width = 2) => String(value).padStart(width, '0')
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`
}

/** Whatever an agent or a user wrote, it must not move the cursor or ring the bell. */
function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, ' ')
}
