import { duration } from '../../client/figures.ts'
import { gapReasons } from '../../client/missing-events.ts'
import { reasonWords } from '../shell/connection-words.ts'
import type { Trouble } from '../state/pipeline.ts'

/** Reasons that agent processes give, as people say them. */
const lossReasons: Readonly<Record<string, string>> = {
  queue_full: 'an agent process made them faster than the stream took them',
  unencodable: 'they could not be written as JSON',
  too_large: 'they were too large',
  closed: 'an agent process ended before it could keep them',
  process_killed: 'an agent process was killed',
  spool_damaged: 'what an agent process had kept on disk is damaged',
}

/** Where on the way from the agent to this page. */
export const troublePlaces: Readonly<Record<Trouble['kind'], string>> = {
  loss: 'at an agent',
  gap: 'at the gateway',
  break: 'connection',
}

export function troubleSentence(trouble: Trouble): string {
  switch (trouble.kind) {
    case 'gap':
      return gapReasons[trouble.reason]
    case 'loss':
      return lossReasons[trouble.reason] ?? trouble.reason
    case 'break': {
      const why = trouble.reason === undefined ? 'the gateway did not answer' : reasonWords(trouble.reason)
      return trouble.until === undefined ? why : `${why}; back after ${duration(trouble.until - trouble.at)}`
    }
  }
}

/** A lost connection alone misses nothing: what could not be sent again is a gap of its own. */
export function troubleCount(trouble: Trouble): string {
  if (trouble.kind === 'break') return 'none'
  return trouble.count === undefined ? 'unknown' : trouble.count.toLocaleString('en')
}
