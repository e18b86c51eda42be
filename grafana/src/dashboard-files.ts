import { buildBoard } from './board.ts'
import { agentDetail } from './boards/agent.ts'
import { athletes } from './boards/athletes.ts'
import { collaboration } from './boards/collaboration.ts'
import { llm } from './boards/llm.ts'
import { overview } from './boards/overview.ts'
import { pipeline } from './boards/pipeline.ts'
import { toolsAndMemory } from './boards/tools-memory.ts'

export const boards = [overview, agentDetail, llm, toolsAndMemory, collaboration, pipeline, athletes]

/** File name → JSON of each board, the same on every run. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(boards.map((board) => [`${board.uid}.json`, `${JSON.stringify(buildBoard(board), null, 2)}\n`]))
}
