import { closeSync, openSync, statSync } from 'node:fs'

/**
 * Makes a new file that only its owner can read; SQLite gives the files beside it, which hold events too, the same mode.
 * An existing one keeps its mode and is not opened here: closing it would release the locks of other connections to it in
 * this process (sqlite.org/howtocorrupt.html §2.2).
 */
export function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Tells whether a path still leads to the same file. */
export function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}
