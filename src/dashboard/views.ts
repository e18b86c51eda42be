import { lazy } from 'react'
import type { ComponentType } from 'react'

/** A view of the page: a folder of its own, loaded when it is first shown. */
export interface View {
  /** Its address: `#/now`. */
  readonly path: string
  readonly name: string
  /** The letter that leads there after `g`. */
  readonly key: string
  readonly Component: ComponentType
}

function view(path: string, name: string, key: string, load: () => Promise<ComponentType>): View {
  return { path, name, key, Component: lazy(async () => ({ default: await load() })) }
}

/** In the order in which the page offers them; the first is shown when none is asked for. */
export const views: readonly View[] = [
  view('now', 'Now', 'n', async () => (await import('./now/now-view.tsx')).NowView),
  view('runs', 'Runs', 'r', async () => (await import('./runs/runs-view.tsx')).RunsView),
  view('feed', 'Feed', 'f', async () => (await import('./feed/feed-view.tsx')).FeedView),
  view(
    'collaboration',
    'Collaboration',
    'o',
    async () => (await import('./collaboration/collaboration-view.tsx')).CollaborationView,
  ),
  view('cost', 'Cost', 'c', async () => (await import('./cost/cost-view.tsx')).CostView),
  view('memory', 'Memory', 'm', async () => (await import('./memory/memory-view.tsx')).MemoryView),
  view('pipeline', 'Pipeline', 'p', async () => (await import('./pipeline/pipeline-view.tsx')).PipelineView),
]
