import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { DynamicConfigValue, Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { TableFooterOptionsBuilder, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import * as nodegraph from '@grafana/grafana-foundation-sdk/nodegraph'
import { PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import * as tables from '@grafana/grafana-foundation-sdk/table'
import { dataSource, instantQuery } from './panels.ts'

export interface Column {
  readonly title: string
  readonly expr: string
  readonly unit: string
  readonly decimals?: number
}

export interface Table {
  readonly title: string
  readonly description: string
  /** The label whose values are the rows, and the heading above them. */
  readonly rows: { readonly label: string; readonly title: string; readonly link?: (value: string) => string }
  readonly columns: readonly Column[]
}

/** One row for each value of a label, one column for each query over the whole time range, the largest first. */
export function table({ title, description, rows, columns }: Table): Builder<Panel> {
  const letter = (at: number) => String.fromCharCode(65 + at)
  const names = Object.fromEntries(columns.map((column, at) => [`Value #${letter(at)}`, column.title]))
  const panel = new tables.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(dataSource)
    .noValue('–')
    .withTransformation({ id: 'joinByField', options: { byField: rows.label, mode: 'outer' } })
    .withTransformation({
      id: 'organize',
      options: { excludeByName: timesOf(columns.length), renameByName: { [rows.label]: rows.title, ...names } },
    })
    .sortBy([new TableSortByFieldStateBuilder().displayName(columns[0]?.title ?? '').desc(true)])
    .footer(new TableFooterOptionsBuilder().show(false))
  for (const { expr } of columns) panel.withTarget(instantQuery({ expr }).format(PromQueryFormat.Table))
  for (const column of columns) panel.overrideByName(column.title, unitOf(column))
  if (rows.link) {
    const links = [{ title: `Open \${__value.text}`, url: rows.link('${__value.raw}') }]
    panel.overrideByName(rows.title, [{ id: 'links', value: links }])
  }
  return panel
}

/** Prometheus answers each query with the time of its evaluation. */
function timesOf(columns: number): Record<string, boolean> {
  const numbered = Array.from({ length: columns }, (_, at) => [`Time ${at + 1}`, true])
  return { Time: true, ...(Object.fromEntries(numbered) as Record<string, boolean>) }
}

function unitOf({ unit, decimals }: Column): DynamicConfigValue[] {
  return [{ id: 'unit', value: unit }, ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }])]
}

export interface Graph {
  readonly title: string
  readonly description: string
  /** Grouped by the two labels. */
  readonly expr: string
  readonly source: string
  readonly target: string
}

/** Arrows between the values of two labels; without a frame of nodes Grafana makes them from the arrows' ends. */
export function graph({ title, description, expr, source, target }: Graph): Builder<Panel> {
  const from = `label_replace(${expr}, "source", "$1", "${source}", "(.*)")`
  const both = `label_replace(${from}, "target", "$1", "${target}", "(.*)")`
  const edges = `label_join(${both}, "id", "->", "source", "target")`
  return new nodegraph.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(dataSource)
    .withTarget(instantQuery({ expr: edges }).format(PromQueryFormat.Table))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, [source]: true, [target]: true },
        renameByName: { Value: 'mainstat' },
      },
    })
}

export interface Matrix {
  readonly title: string
  readonly description: string
  /** Grouped by the two labels. */
  readonly expr: string
  readonly row: string
  readonly column: string
}

/** The values of one label down, of the other across. */
export function matrix({ title, description, expr, row, column }: Matrix): Builder<Panel> {
  return new tables.PanelBuilder()
    .title(title)
    .description(description)
    .datasource(dataSource)
    .noValue('–')
    .decimals(0)
    .withTarget(instantQuery({ expr }).format(PromQueryFormat.Table))
    .withTransformation({
      id: 'groupingToMatrix',
      options: { rowField: row, columnField: column, valueField: 'Value', emptyValue: 'zero' },
    })
}

/** What is firing now; empty when all is well. */
export function alertTable(): Builder<Panel> {
  return new tables.PanelBuilder()
    .title('Firing alerts')
    .description('Alerts of the rules that come with the boards. An empty table is good news.')
    .datasource(dataSource)
    .noValue('Nothing fires')
    .withTarget(instantQuery({ expr: firing }).format(PromQueryFormat.Table))
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true, Value: true, __name__: true, alertstate: true },
        renameByName: { alertname: 'Alert', severity: 'Severity', component: 'Component' },
      },
    })
}

const firing = 'ALERTS{alertname=~"Auren.*", alertname!="AurenWatchdog", alertstate="firing"}'
