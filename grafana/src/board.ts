import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import type { AnnotationQuery, Dashboard, DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard'
import { layOut } from './layout.ts'
import type { Row } from './layout.ts'
import { label, metrics } from './metrics.ts'
import { dataSource } from './panels.ts'

export interface Board {
  /** Part of every link to the board: never changes. */
  readonly uid: string
  readonly title: string
  readonly description: string
  /** Choices at the top, besides data source and job. */
  readonly variables: readonly (keyof typeof variables)[]
  readonly rows: readonly Row[]
}

/** Those that are scraped, up or not, and those that push: only a scrape has `up`. */
const jobs = 'label_values({__name__=~"up|target_info", job=~"auren-.+"}, job)'

const variables = {
  agent: () => choice('agent', 'Agent', `label_values(${metrics.executions}{job=~"$job"}, ${label.agent})`),
  provider: () => choice('provider', 'Provider', ofCalls(label.provider)),
  model: () => choice('model', 'Model', ofCalls(label.requestModel)),
  tempo: () => dataSourceChoice('tempo', 'Traces', { text: 'AUREN Tempo', value: 'auren-tempo' }),
} as const

/** A board in Grafana's classic format (schemaVersion 42): from files, Grafana 13 takes no other. */
export function buildBoard(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags(['auren'])
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .link(otherBoards())
    .withVariable(
      dataSourceChoice('datasource', 'Metrics', { text: 'AUREN Prometheus', value: 'auren-prometheus' }, 'prometheus'),
    )
    .withVariable(choice('job', 'Job', jobs))
    .annotation(restarts())
    .annotation(firingAlerts())
  for (const name of board.variables) builder.withVariable(variables[name]())
  const built = builder.build()
  return {
    ...built,
    panels: layOut(board.rows),
    links: built.links?.map(onTheBoard) ?? [],
    annotations: { list: [alertsOfGrafana, ...(built.annotations?.list ?? []).map(onTheBoard)] },
  }
}

/** The SDK can only place links and annotations into a menu that hides them. */
function onTheBoard<T extends AnnotationQuery | DashboardLink>({
  placement: _hidden,
  ...rest
}: T): Omit<T, 'placement'> {
  return rest
}

const alertsOfGrafana: AnnotationQuery = {
  builtIn: 1,
  name: 'Annotations & Alerts',
  type: 'dashboard',
  datasource: { type: 'grafana', uid: '-- Grafana --' },
  enable: true,
  hide: true,
  iconColor: 'rgba(0, 211, 255, 1)',
}

function otherBoards(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('AUREN')
    .type(DashboardLinkType.Dashboards)
    .tags(['auren'])
    .asDropdown(true)
    .includeVars(true)
    .keepTime(true)
}

function restarts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Restarts')
    .datasource(dataSource)
    .enable(true)
    .iconColor('blue')
    .expr(`resets(${metrics.executions}{job=~"$job"}[1m]) > 0`)
    .step('60s')
    .titleFormat('Restart of {{instance}}')
}

function firingAlerts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Firing alerts')
    .datasource(dataSource)
    .enable(false)
    .iconColor('red')
    .expr('ALERTS{alertname=~"Auren.*", alertstate="firing"}')
    .step('60s')
    .titleFormat('{{alertname}}')
}

function ofCalls(name: string): string {
  return `label_values(${metrics.callDuration}_count{job=~"$job"}, ${name})`
}

function choice(name: string, title: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(title)
    .datasource(dataSource)
    .query(query)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ text: 'All', value: '$__all' })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
}

function dataSourceChoice(name: string, title: string, current: { text: string; value: string }, type = name) {
  return new DatasourceVariableBuilder(name).label(title).type(type).current(current)
}
