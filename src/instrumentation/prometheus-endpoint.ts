import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import type { AddressInfo } from 'node:net'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { prometheusContentType, prometheusText } from '../exporters/prometheus-text.ts'
import { warn } from '../exporters/warn.ts'
import type { PrometheusAddress } from './start-options.ts'

/**
 * `GET /metrics` of an agent process. The exporter's own server is not used: it leaves the unit suffixes away, takes port
 * 0 for the default, and answers a failed collection with 200.
 */
export class PrometheusEndpoint {
  readonly reader = new PrometheusExporter({ preventServerStart: true })
  readonly #address: PrometheusAddress
  readonly #server: Server

  constructor(address: PrometheusAddress) {
    this.#address = address
    this.#server = createServer((request, response) => void this.#answer(request, response)).unref()
  }

  /** Resolves with the URL, or with undefined after one warning when the port cannot be had. Never rejects. */
  listen(): Promise<string | undefined> {
    const { host, port } = this.#address
    return new Promise((resolve) => {
      this.#server.once('error', (error) => {
        const hint = 'metrics of this process are not served; set OTEL_EXPORTER_PROMETHEUS_PORT to a free port'
        warn(`Prometheus cannot scrape ${host}:${port}: ${hint}`, error)
        resolve(undefined)
      })
      this.#server.listen({ host, port }, () => {
        resolve(`http://${isIPv6(host) ? `[${host}]` : host}:${(this.#server.address() as AddressInfo).port}/metrics`)
      })
    })
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise((resolve) => this.#server.close(() => resolve()))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end()
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end()
    try {
      const body = await prometheusText(this.reader)
      response.writeHead(200, { 'content-type': prometheusContentType }).end(body)
    } catch {
      response.writeHead(500).end()
    }
  }
}
