import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from './processes.ts'

/** Writes a program into a folder of its own below the checkout, whose packages it finds, and returns its path. */
export function programFile(code: string, name: string): string {
  const programs = join(root, 'test/.programs')
  mkdirSync(programs, { recursive: true })
  const folder = mkdtempSync(join(programs, 'program-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, name), code)
  return join(folder, name)
}

/**
 * As {@link programFile}, where `ai` is version 6. The checkout has version 7 under that name and 6 under another, and an
 * instrumentation goes by the name of the folder.
 */
export function programWithAiSdk6(code: string, name: string): string {
  const program = programFile(code, name)
  for (const [alias, installed] of [
    ['ai-6', 'ai'],
    ['ai-6-openai-compatible', '@ai-sdk/openai-compatible'],
  ] as const) {
    const from = join(root, 'node_modules', alias)
    cpSync(from, join(dirname(program), 'node_modules', installed), { recursive: true })
  }
  return program
}
