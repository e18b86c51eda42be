import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { GridPos, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard'

export interface Row {
  readonly title: string
  readonly lines: readonly Line[]
  /** Its panels are hidden, and ask nothing, until it is opened. */
  readonly collapsed?: boolean
}

/** Panels side by side, of one height, and of equal width where no widths are given. A line is 24 wide. */
export interface Line {
  readonly height: number
  readonly widths?: readonly number[]
  readonly panels: readonly Builder<Panel>[]
}

const lineWidth = 24

/**
 * Rows → panels with ids and places. The SDK's own layout does not wrap, closes each row that has panels, and gives neither
 * ids nor, to queries, letters; all of them have to be stable, since links and table columns name them.
 */
export function layOut(rows: readonly Row[]): (Panel | RowPanel)[] {
  let id = 0
  let y = 0
  return rows.flatMap((row) => {
    const heading: RowPanel = {
      type: 'row',
      id: (id += 1),
      title: row.title,
      collapsed: row.collapsed ?? false,
      gridPos: { x: 0, y, w: lineWidth, h: 1 },
      panels: [],
    }
    y += 1
    const panels = row.lines.flatMap((line) => {
      const places = placesOf(line, y)
      y += line.height
      return line.panels.map((panel, at) => place(panel.build(), (id += 1), places[at]))
    })
    return row.collapsed ? [{ ...heading, panels }] : [heading, ...panels]
  })
}

function placesOf({ height, widths, panels }: Line, y: number): GridPos[] {
  const equal = lineWidth / panels.length
  let x = 0
  return panels.map((_panel, at) => {
    const w = widths?.[at] ?? equal
    x += w
    return { x: x - w, y, w, h: height }
  })
}

function place(panel: Panel, id: number, gridPos: GridPos | undefined): Panel {
  const targets = panel.targets?.map((target, at) => ({ refId: String.fromCharCode(65 + at), ...target }))
  return { ...panel, id, ...(gridPos ? { gridPos } : {}), ...(targets ? { targets } : {}) }
}
