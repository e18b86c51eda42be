import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common'
import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline'
import * as tables from '@grafana/grafana-foundation-sdk/table'
import { SearchTableType, DataqueryBuilder } from '@grafana/grafana-foundation-sdk/tempo'
import { dataSource, legend, rangeQuery } from './panels.ts'

export interface States {
  readonly title: string
  readonly description: string
  /** Gives 0, 1, … for each series. */
  readonly expr: string
  readonly legend: string
  /** Text and colour of 0, 1, … */
  readonly texts: readonly (readonly [text: string, colour: string])[]
}

/** A bar for each series, coloured by its state. */
export function states(panel: States): Builder<Panel> {
  const options = Object.fromEntries(panel.texts.map(([text, color], index) => [String(index), { text, color, index }]))
  return new statetimeline.PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(dataSource)
    .mappings([{ type: MappingType.ValueToText, options }])
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .legend(legend())
    .withTarget(rangeQuery(panel))
}

/** Traces that a TraceQL query finds; empty where no Tempo is connected. */
export function traces(panel: {
  readonly title: string
  readonly description: string
  readonly query: string
}): Builder<Panel> {
  const tempo = { type: 'tempo', uid: '${tempo}' }
  const query = new DataqueryBuilder()
    .datasource(tempo)
    .queryType('traceql')
    .query(panel.query)
    .limit(20)
    .tableType(SearchTableType.Traces)
  return new tables.PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(tempo)
    .noValue('No traces')
    .withTarget(query)
}
