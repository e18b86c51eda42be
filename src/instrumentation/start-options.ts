import type { Instrumentation } from '@opentelemetry/instrumentation'
import type { AurenExportOptions } from '../exporters/export-options.ts'
import { isSwitchedOn } from '../exporters/switches.ts'
import { warn } from '../exporters/warn.ts'

export interface AurenOptions extends Omit<AurenExportOptions, 'meterProviders'> {
  /** `service.name` of this process. Default `OTEL_SERVICE_NAME`, else OpenTelemetry's own default. */
  readonly serviceName?: string
  /** Instrumentations to register, besides those found in the application (see `auren doctor`). */
  readonly instrumentations?: readonly Instrumentation[]
  /**
   * Whether an outermost `agent()` resolves only when its events are written, 5 s later at the most: for processes that are
   * frozen or thrown away between requests. Default `AUREN_FLUSH_EACH_RUN`, else false.
   */
  readonly flushEachRun?: boolean
  /** Where Prometheus scrapes this process; false: nowhere. Default `OTEL_EXPORTER_PROMETHEUS_HOST`/`_PORT`, else localhost:9464. */
  readonly prometheus?: PrometheusOptions | false
}

export interface PrometheusOptions {
  readonly host?: string
  /** 0 takes a free port. */
  readonly port?: number
  /**
   * Host, or host and port, that Prometheus is to ask: told to the gateways, which list it. Default `AUREN_METRICS_ADDRESS`,
   * else the address it listens on unless only this machine reaches that.
   */
  readonly address?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Whether the end of each outermost run waits for its events: the option, else the environment. */
export function flushesEachRun({ flushEachRun }: AurenOptions, env: Environment): boolean {
  return flushEachRun ?? isSwitchedOn('AUREN_FLUSH_EACH_RUN', env)
}

export interface PrometheusAddress {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** What others are told, where somebody said so. */
  readonly told: string | undefined
}

/** Code before environment before default; a bad value in the environment is a warning, since observing must not stop an agent. */
export function prometheusAddress(option: AurenOptions['prometheus'], env: Environment): PrometheusAddress | false {
  const exporters = list(env['OTEL_METRICS_EXPORTER'])
  if (option === false) return false
  if (option === undefined && exporters.length > 0 && !exporters.includes('prometheus')) return false
  return {
    host: option?.host ?? (env['OTEL_EXPORTER_PROMETHEUS_HOST']?.trim() || 'localhost'),
    port: option?.port ?? portOf(env['OTEL_EXPORTER_PROMETHEUS_PORT']),
    told: option?.address ?? (env['AUREN_METRICS_ADDRESS']?.trim() || undefined),
  }
}

const defaultPort = 9464

function portOf(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return defaultPort
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  warn(`OTEL_EXPORTER_PROMETHEUS_PORT is not a port between 0 and 65535; ${defaultPort} is used`)
  return defaultPort
}

/** Standard variables that are read here, or by the packages of OpenTelemetry that every start loads. */
const understood =
  /^OTEL_(?:SERVICE_NAME|RESOURCE_ATTRIBUTES|SEMCONV_STABILITY_OPT_IN|EXPORTER_PROMETHEUS_.*|INSTRUMENTATION_.*|NODE_(?:EN|DIS)ABLED_INSTRUMENTATIONS)$/
/** Variables that name exporters. */
const exporterLists = /^OTEL_(?:TRACES|METRICS|LOGS)_EXPORTER$/

/** Whether the environment asks for more of OpenTelemetry than traces in this process: exporters, samplers, limits, propagators. */
export function asksForSdkNode(env: Environment): boolean {
  return Object.entries(env).some(([name, value]) => {
    if (!name.startsWith('OTEL_') || !value?.trim() || understood.test(name)) return false
    return !exporterLists.test(name) || otherExporters(value).length > 0
  })
}

/** The exporters that a standard variable such as OTEL_TRACES_EXPORTER names; `none` names none. */
export function otherExporters(variable: string | undefined): string[] {
  const names = list(variable)
  return names.includes('none') ? [] : names.filter((name) => name !== 'prometheus')
}

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
}

/** Whether nothing is to be observed: ours alone is switched off, or OpenTelemetry's SDK for all signals. */
export function isDisabled(env: Environment): boolean {
  return ['AUREN_DISABLED', 'OTEL_SDK_DISABLED'].some((name) => isSwitchedOn(name, env))
}
