import { useMemo } from 'react'
import type { RefObject } from 'react'
import { eventTypes } from '../../events/event-types.ts'
import { usePage } from '../live/use-live.ts'
import { setQuery } from '../shell/use-route.ts'
import { clearFilters } from './use-feed.ts'
import type { Feed } from './use-feed.ts'

interface Props {
  readonly feed: Feed
  readonly search: RefObject<HTMLInputElement | null>
}

/** What is shown of the feed, how much that is, and whether it goes on. */
export function FeedBar({ feed, search }: Props) {
  const { filter } = feed
  return (
    <div className="feed-bar" role="search" aria-label="Filters">
      <input
        ref={search}
        type="search"
        placeholder="Search  /"
        aria-label="Search"
        value={filter.text ?? ''}
        onChange={({ target }) => setQuery({ text: target.value })}
        onKeyDown={leave}
      />
      <AgentChoice chosen={filter.agent} />
      <select aria-label="Type" value={filter.type ?? ''} onChange={({ target }) => setQuery({ type: target.value })}>
        <option value="">Any type</option>
        {eventTypes.map((type) => (
          <option key={type}>{type}</option>
        ))}
      </select>
      <Limit text="slower than" unit="ms" parameter="slower" step={100} value={filter.slowerThanMs} />
      <Limit text="costlier than $" parameter="costlier" step={0.001} value={filter.costlierThanUsd} />
      <button
        type="button"
        aria-pressed={filter.failed ?? false}
        onClick={() => setQuery({ failed: filter.failed ? undefined : '1' })}
      >
        Failed
      </button>
      <Chip name="session" value={filter.session} />
      <Chip name="user" value={filter.user} />
      {Object.keys(filter).length > 0 && (
        <button type="button" onClick={clearFilters}>
          Clear
        </button>
      )}
      <Flow feed={feed} />
    </div>
  )
}

interface LimitProps {
  readonly text: string
  readonly unit?: string
  readonly parameter: 'slower' | 'costlier'
  readonly step: number
  readonly value: number | undefined
}

function Limit({ text, unit, parameter, step, value }: LimitProps) {
  return (
    <label className="limit">
      {text}
      <input
        type="number"
        min="0"
        step={step}
        value={value ?? ''}
        onChange={({ target }) => setQuery({ [parameter]: target.value })}
      />
      {unit}
    </label>
  )
}

function AgentChoice({ chosen }: { readonly chosen: string | undefined }) {
  const runs = usePage((state) => state.runs)
  const summary = usePage((state) => state.summary)
  const agents = useMemo(() => {
    const ids = new Set([...Object.keys(summary?.agents ?? {}), ...(chosen === undefined ? [] : [chosen])])
    for (const run of runs.values()) for (const { id } of run.summary?.agents ?? []) ids.add(id)
    return [...ids].sort()
  }, [runs, summary, chosen])
  return (
    <select aria-label="Agent" value={chosen ?? ''} onChange={({ target }) => setQuery({ agent: target.value })}>
      <option value="">Any agent</option>
      {agents.map((id) => (
        <option key={id}>{id}</option>
      ))}
    </select>
  )
}

function Chip({ name, value }: { readonly name: 'session' | 'user'; readonly value: string | undefined }) {
  if (value === undefined) return null
  return (
    <button
      type="button"
      className="chip"
      aria-label={`Any ${name} instead of ${value}`}
      onClick={() => setQuery({ [name]: undefined })}
    >
      {name} <b>{value}</b> <span aria-hidden="true">×</span>
    </button>
  )
}

function Flow({ feed: { paused, waiting, rows, older, pause, resume } }: { readonly feed: Feed }) {
  return (
    <div className="flow">
      <span className="count">{rows.length.toLocaleString('en')} shown</span>
      {older.state !== 'none' && (
        <button type="button" disabled={older.state === 'asked'} onClick={older.load}>
          {olderWords[older.state]}
        </button>
      )}
      {paused === undefined ? (
        <button type="button" onClick={() => pause('by hand')}>
          Pause
        </button>
      ) : (
        <button type="button" className="primary" onClick={resume}>
          {waiting === 0 ? 'Go on' : `Go on: ${waiting.toLocaleString('en')} wait`}
        </button>
      )}
    </div>
  )
}

const olderWords = { there: 'Load older', asked: 'Loading…', failed: 'Load older: try again' } as const

/** Escape leaves the field, so that the keys of the page work again. */
function leave({ key, currentTarget }: { readonly key: string; readonly currentTarget: HTMLInputElement }): void {
  if (key === 'Escape' || key === 'Enter') currentTarget.blur()
}
