import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge'
import * as common from '@grafana/grafana-foundation-sdk/common'
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard'
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import * as heatmaps from '@grafana/grafana-foundation-sdk/heatmap'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import * as stats from '@grafana/grafana-foundation-sdk/stat'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'

export const dataSource = { type: 'prometheus', uid: '${datasource}' }

export interface Common {
  readonly title: string
  /** What the figure means and when to worry: shown behind the panel's (i). */
  readonly description: string
  /** A Grafana unit id. */
  readonly unit: string
  /** Upper ends: green below the first, orange from it, red from the second. */
  readonly worse?: readonly [number, number]
  /** Lower ends: red below the first, orange below the second, green from it. */
  readonly better?: readonly [number, number]
}

export interface Query {
  readonly expr: string
  readonly legend?: string
}

/** One figure, with its course behind it. */
export function stat(panel: Common & { readonly expr: string; readonly noValue?: string }): Builder<Panel> {
  return new stats.PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(dataSource)
    .unit(panel.unit)
    .noValue(panel.noValue ?? 'No traffic')
    .thresholds(thresholds(panel))
    .graphMode(common.BigValueGraphMode.Area)
    .colorMode(common.BigValueColorMode.Value)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(rangeQuery({ expr: panel.expr }))
}

export interface Series extends Common {
  readonly queries: readonly Query[]
  readonly stacked?: boolean
  readonly logarithmic?: boolean
  /** Colours of series by name, where a name says good or bad. */
  readonly colours?: Readonly<Record<string, string>>
}

export function series(panel: Series): Builder<Panel> {
  const chart = new timeseries.PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(dataSource)
    .unit(panel.unit)
    .min(0)
    .lineWidth(1)
    .fillOpacity(panel.stacked ? 40 : 8)
    .showPoints(common.VisibilityMode.Never)
    .stacking(
      new common.StackingConfigBuilder().mode(panel.stacked ? common.StackingMode.Normal : common.StackingMode.None),
    )
    .legend(legend())
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    )
    .thresholds(thresholds(panel))
    .thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(thresholdMode(panel)))
  if (panel.logarithmic)
    chart.scaleDistribution(new common.ScaleDistributionConfigBuilder().type(common.ScaleDistribution.Log).log(10))
  for (const [name, fixedColor] of Object.entries(panel.colours ?? {})) {
    chart.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }])
  }
  for (const query of panel.queries) chart.withTarget(rangeQuery(query))
  return chart
}

/** How many observations fell in each bucket of a histogram, over time; `expr` is by `le`. */
export function heatmap(panel: Common & { readonly expr: string }): Builder<Panel> {
  return new heatmaps.PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(dataSource)
    .calculate(false)
    .yAxis(new heatmaps.YAxisConfigBuilder().unit(panel.unit))
    .unit(panel.unit)
    .color(new heatmaps.HeatmapColorOptionsBuilder().mode(heatmaps.HeatmapColorMode.Scheme).scheme('Blues').steps(64))
    .withTarget(rangeQuery({ expr: panel.expr, legend: '{{le}}' }).format(PromQueryFormat.Heatmap))
}

/** The largest of something over the whole time range, as bars. */
export function bars(panel: Common & Query): Builder<Panel> {
  return new bargauge.PanelBuilder()
    .title(panel.title)
    .description(panel.description)
    .datasource(dataSource)
    .unit(panel.unit)
    .min(0)
    .noValue('No traffic')
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Basic)
    .thresholds(thresholds(panel))
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .withTarget(instantQuery(panel))
}

export function rangeQuery({ expr, legend: format }: Query): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(dataSource)
    .expr(expr)
    .range()
    .legendFormat(format ?? '')
}

export function instantQuery({ expr, legend: format }: Query): DataqueryBuilder {
  return new DataqueryBuilder()
    .datasource(dataSource)
    .expr(expr)
    .instant()
    .legendFormat(format ?? '')
}

/** To the agent's own board, keeping time and data source. `agent` is what Grafana puts in, such as `${__value.raw}`. */
export function agentUrl(agent: string): string {
  return `/d/auren-agent?var-datasource=\${datasource}&var-agent=${agent}&\${__url_time_range}`
}

export function legend(): common.VizLegendOptionsBuilder {
  return new common.VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(common.LegendDisplayMode.List)
    .placement(common.LegendPlacement.Bottom)
    .calcs([])
}

export function thresholds({ worse, better }: Pick<Common, 'worse' | 'better'>): ThresholdsConfigBuilder {
  const steps = (base: string, limits: readonly [number, number], colours: readonly [string, string]) => [
    { value: null, color: base },
    ...limits.map((value, at) => ({ value, color: colours[at] ?? base })),
  ]
  const of = worse
    ? steps('green', worse, ['orange', 'red'])
    : better
      ? steps('red', better, ['orange', 'green'])
      : [{ value: null, color: 'blue' }]
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(of)
}

function thresholdMode({ worse, better }: Common): common.GraphThresholdsStyleMode {
  return worse || better ? common.GraphThresholdsStyleMode.Dashed : common.GraphThresholdsStyleMode.Off
}
