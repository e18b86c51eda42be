import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/processes.ts'

export interface Target {
  readonly refId: string
  readonly expr?: string
  readonly instant?: boolean
  readonly legendFormat?: string
}

export interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly collapsed?: boolean
  readonly panels?: readonly PanelJson[]
  readonly targets?: readonly Target[]
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string
      readonly noValue?: string
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] }
      readonly mappings?: readonly unknown[]
    }
  }
}

export interface BoardJson {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly tags: readonly string[]
  readonly editable: boolean
  readonly schemaVersion: number
  readonly panels: readonly PanelJson[]
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly current?: unknown }[]
  }
  readonly links: readonly Readonly<Record<string, unknown>>[]
  readonly annotations: { readonly list: readonly Readonly<Record<string, unknown>>[] }
}

const folder = join(root, 'grafana/dashboards')

/** File name → text of every board in the repository. */
export function boardTexts(): Map<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

export function boards(): BoardJson[] {
  return [...boardTexts().values()].map((text) => JSON.parse(text) as BoardJson)
}

/** Panels that ask something, those of closed rows included. */
export function panelsOf(board: BoardJson): PanelJson[] {
  return board.panels.flatMap((panel) => (panel.type === 'row' ? (panel.panels ?? []) : [panel]))
}
