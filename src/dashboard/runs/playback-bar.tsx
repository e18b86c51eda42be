import { duration } from '../../client/figures.ts'
import { speeds } from './playback.ts'
import type { Shown } from './use-shown.ts'
import './playback-bar.css'

/** Plays a run that is over: from its beginning, or from where somebody puts it. */
export function PlaybackBar({ shown: { scale, playback, make } }: { readonly shown: Shown }) {
  const { at, isPlaying, speed } = playback
  const length = scale.to - scale.from
  const gone = (at ?? scale.to) - scale.from
  const said = `${duration(gone)} of ${duration(length)}`
  return (
    <div className="run-playback" role="group" aria-label="Playback">
      <button type="button" onClick={() => make({ type: 'toggle' })}>
        {isPlaying ? 'Pause' : 'Play'}
      </button>
      <input
        type="range"
        min={0}
        max={length}
        step="any"
        value={gone}
        aria-label="Moment of the run"
        aria-valuetext={said}
        onChange={({ target }) => make({ type: 'seek', at: scale.from + Number(target.value) })}
      />
      <output>{said}</output>
      <select
        aria-label="Speed"
        value={speed}
        onChange={({ target }) => make({ type: 'speed', speed: Number(target.value) })}
      >
        {speeds.map((times) => (
          <option key={times} value={times}>
            {times}×
          </option>
        ))}
      </select>
    </div>
  )
}
