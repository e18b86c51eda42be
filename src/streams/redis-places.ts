import { AurenError } from '../errors.ts'
import { PositionLostError } from './event-stream.ts'
import type { StreamPosition } from './event-stream.ts'
import { formatPlaces } from './partitions.ts'

/** A position of each log, by its number. Whatever a log has comes behind an unknown one. */
export type LogPositions = readonly (StreamPosition | undefined)[]

export function joinPositions(positions: LogPositions): StreamPosition {
  return {
    epoch: formatPlaces(positions.map((position) => position?.epoch ?? '')),
    id: formatPlaces(positions.map((position) => position?.id ?? '')),
  }
}

/** Rejects what is no position of so many logs; one of fewer is from before there were so many. */
export function splitPosition({ epoch, id }: StreamPosition, logs: number): LogPositions {
  const [epochs, ids] = [epoch.split('.'), id.split('.')]
  if (epochs.length !== ids.length || ids.length > logs) throw new AurenError('AUREN_POSITION_INVALID')
  return Array.from({ length: logs }, (_, log) => {
    const position = { epoch: epochs[log] ?? '', id: ids[log] ?? '' }
    return position.id === '' && logs > 1 ? undefined : position
  })
}

/** The pages of all logs. Where some have lost what comes behind their positions, all that is lost is told at once. */
export async function allPages<Page extends { readonly epoch: string; readonly from: string }>(
  reads: readonly Promise<Page>[],
): Promise<readonly Page[]> {
  const outcomes = await Promise.allSettled(reads)
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []))
  const losses = errors.filter((error) => error instanceof PositionLostError)
  if (losses.length < errors.length) throw errors.find((error) => !(error instanceof PositionLostError))
  const [loss] = losses
  if (loss === undefined) return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  const firsts = outcomes.map((outcome) =>
    outcome.status === 'fulfilled'
      ? { epoch: outcome.value.epoch, id: outcome.value.from }
      : (outcome.reason as PositionLostError).firstAvailable,
  )
  const missed = losses.map((one) => one.missed)
  const isCounted = missed.every((count) => count !== null)
  const total = isCounted ? missed.reduce((sum, count) => sum + count, 0) : null
  throw new PositionLostError(loss.reason, joinPositions(firsts), total)
}
