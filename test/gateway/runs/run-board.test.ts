import { describe, expect, it, onTestFinished } from 'vitest'
import { RunBoard } from '../../../src/gateway/runs/run-board.ts'
import type { RunFollower } from '../../../src/gateway/runs/run-board.ts'
import type { Run } from '../../../src/protocol/runs.ts'
import { openStream } from '../../../src/streams/open-stream.ts'
import { temporaryLog } from '../../support/processes.ts'
import { everything } from '../../support/run-book.ts'
import { stepEvents } from '../../support/run-events.ts'
import { until } from '../../support/until.ts'

describe('who could take nothing for a while', () => {
  it('is told of the runs that are open, and of those that ended meanwhile', async () => {
    const told: { readonly type: string; readonly runs: readonly Run[] }[] = []
    let [isBehind, rounds] = [false, 0]
    const follower: RunFollower = {
      principal: everything,
      followedAgents: [],
      get isBehind() {
        rounds += 1
        return isBehind
      },
      send: (message) => void told.push(message),
    }
    const stream = await openStream(temporaryLog())
    const board = new RunBoard(stream, [follower])
    onTestFinished(async () => {
      board.close()
      await stream.close()
    })
    const timestamp = new Date().toISOString()
    const [start, end] = stepEvents({
      id: 1,
      kind: 'agent',
      agent: 'lead',
      from: 0,
      to: 0,
      fields: { timestamp, metadata: {} },
    })
    const live = (event: typeof start) => event && board.entries([{ id: '1', position: '1', event }], true)
    live(start)
    await until('it is told of the run', () => told.at(-1)?.runs[0]?.status === 'running')
    isBehind = true
    live(end)
    const before = rounds
    await until('a round has passed', () => rounds > before)
    isBehind = false
    await until('it is told of the end', () => told.at(-1)?.runs[0]?.status === 'completed')
    expect(told.map(({ type, runs }) => [type, runs.length])).toEqual([
      ['run_update', 1],
      ['snapshot', 0],
      ['run_update', 1],
    ])
  })
})
