import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { buildInto } from '../../scripts/build-into.ts'
import { root } from '../support/processes.ts'
import { programFile } from '../support/program-file.ts'

/** A folder that holds an older build. */
const builtFolder = () => {
  const folder = dirname(programFile('old', 'main.js'))
  writeFileSync(join(folder, 'gone.js'), 'old')
  return folder
}

const contents = (folder: string) =>
  Object.fromEntries(globSync('*.js', { cwd: folder }).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))

const before = { 'main.js': 'old', 'gone.js': 'old' }

describe('a build', () => {
  it('leaves what runs from the folder alone until it is done, and then takes its place', async () => {
    const folder = builtFolder()
    await buildInto(folder, async (target) => {
      writeFileSync(join(target, 'main.js'), 'new')
      writeFileSync(join(target, 'added.js'), 'new')
      expect(contents(folder)).toEqual(before)
      // Another one, begun and ended meanwhile.
      await buildInto(folder, (other) => Promise.resolve(writeFileSync(join(other, 'main.js'), 'other')))
      expect(contents(folder)).toEqual({ 'main.js': 'other' })
    })
    expect(contents(folder)).toEqual({ 'main.js': 'new', 'added.js': 'new' })
  })

  it('changes nothing and leaves nothing behind when it fails', async () => {
    const folder = builtFolder()
    let begun = ''
    const failing = buildInto(folder, (target) => {
      begun = target
      writeFileSync(join(target, 'main.js'), 'half')
      return Promise.reject(new Error('no'))
    })
    await expect(failing).rejects.toThrow('no')
    expect(contents(folder)).toEqual(before)
    expect(globSync('dist.*', { cwd: root })).not.toContain(begun.slice(root.length))
  })
})
