export const colourChoices = ['auto', 'always', 'never'] as const
export type ColourChoice = (typeof colourChoices)[number]

/** How lines are to look where they are read. */
export interface Look {
  readonly colour: boolean
  /** Characters of a line; undefined where nobody folds it: in a pipe or a file. */
  readonly width: number | undefined
}

/** What is asked for comes first, then no-color.org, FORCE_COLOR as Node has it, and whether a terminal reads. */
export function lookOf(choice: ColourChoice = 'auto'): Look {
  const columns = Number(process.env['COLUMNS'])
  // A terminal that does not know its size says 0.
  const width = columns > 0 ? columns : process.stdout.columns || undefined
  return { colour: hasColour(choice), width }
}

function hasColour(choice: ColourChoice): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (choice !== 'auto') return choice === 'always'
  if (NO_COLOR) return false
  return Boolean(FORCE_COLOR) || (process.stdout.isTTY && TERM !== 'dumb')
}
