import { parser } from '@prometheus-io/lezer-promql'
import { describe, expect, it } from 'vitest'
import { dashboardFiles } from '../../grafana/src/dashboard-files.ts'
import { boards, boardTexts, panelsOf } from './board-files.ts'

const all = boards().map((board) => [board.uid, board] as const)
const uids = new Set(all.map(([uid]) => uid))

/** What Grafana puts in, as Prometheus would get it. */
const filledIn = (expression: string) =>
  expression.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h').replace(/\$\w+/g, '.+')

describe('the boards in the repository', () => {
  it('are what the code makes: npm run generate', () => {
    expect(Object.fromEntries(boardTexts())).toEqual(Object.fromEntries(dashboardFiles()))
  })

  it.each(all)('%s can be provisioned from a file, by all of Grafana 10 to 13', (uid, board) => {
    expect(board).toMatchObject({ schemaVersion: 42, editable: false, uid })
    expect(uid).toMatch(/^auren-[a-z-]{1,34}$/)
    expect(board.tags).toContain('auren')
    expect(board.templating.list[0]?.name).toBe('datasource')
    for (const item of [...board.links, ...board.annotations.list]) expect(item).not.toHaveProperty('placement')
  })

  it.each(all)('%s has panels with ids of their own, side by side, one line below the other', (_uid, board) => {
    const placed = board.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
    expect(new Set(placed.map(({ id }) => id)).size).toBe(placed.length)
    const taken = new Set<string>()
    for (const { gridPos, title } of placed) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), `${title} lies over another panel`).toBe(false)
          taken.add(`${x},${y}`)
        }
      }
    }
  })

  it.each(all)('%s explains each panel, gives it a unit and asks the chosen data source', (_uid, board) => {
    for (const panel of panelsOf(board)) {
      expect(panel.description?.length, panel.title).toBeGreaterThan(15)
      expect(panel.datasource?.uid, panel.title).toMatch(/^\$\{(datasource|tempo)\}$/)
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0)
      const letters = panel.targets?.map(({ refId }) => refId) ?? []
      expect(new Set(letters).size, panel.title).toBe(letters.length)
      if (!['table', 'nodeGraph', 'state-timeline'].includes(panel.type)) {
        expect(panel.fieldConfig?.defaults.unit, panel.title).toBeTruthy()
      }
      if (panel.type === 'stat') expect(panel.fieldConfig?.defaults.noValue, panel.title).toBeTruthy()
      const steps = panel.fieldConfig?.defaults.thresholds?.steps ?? []
      if (steps.length > 0) expect(steps[0]?.value, panel.title).toBeNull()
      expect(steps.slice(1).map(({ value }) => value)).toEqual(
        steps.slice(1).map(({ value }) => value).toSorted((a, b) => Number(a) - Number(b)), // prettier-ignore
      )
    }
  })

  it.each(all)('%s asks in PromQL, with windows that Grafana fits to the zoom, for its own jobs', (_uid, board) => {
    for (const panel of panelsOf(board)) {
      for (const { expr } of panel.targets ?? []) {
        if (expr === undefined) continue
        expect(syntaxErrors(filledIn(expr)), expr).toEqual([])
        for (const [, window = ''] of expr.matchAll(/(?:rate|increase)\([^[]*\[([^\]]*)\]/g)) {
          expect(['$__rate_interval', '$__range', '1h', '24h'], expr).toContain(window)
        }
        for (const [, metric, labels = ''] of expr.matchAll(/\b((?:auren|gen_ai|nodejs|v8js)_\w+)(\{[^}]*\})?/g)) {
          if (metric === 'auren_cost_budget_usd' || isLabel(metric ?? '', expr)) continue
          expect(labels, expr).toContain('job=~"$job"')
        }
      }
    }
  })

  it.each(all)('%s links only to boards that exist, with variables that they have', (uid) => {
    const text = boardTexts().get(`${uid}.json`) ?? ''
    for (const [, target = '', query = ''] of text.matchAll(/\/d\/([\w-]+)\?([^"]*)/g)) {
      expect(uids).toContain(target)
      const known = boards()
        .find((board) => board.uid === target)
        ?.templating.list.map(({ name }) => name)
      for (const [, variable] of query.matchAll(/var-(\w+)=/g)) expect(known).toContain(variable)
    }
  })
})

function syntaxErrors(expression: string): string[] {
  const errors: string[] = []
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => void (type.isError && errors.push(`${from}–${to} ${expression.slice(from, to)}`)),
  })
  return errors
}

/** Label names look like metric names; in a query they stand in `by (…)`, in quotes or before a comparison. */
function isLabel(name: string, expression: string): boolean {
  return !new RegExp(`\\b${name}(\\{|\\[)`).test(expression)
}
