import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { requireProgram } from './programs.ts'

let browser: Promise<Browser> | undefined

/** One Chromium for the tests of a file; it ends with their process. */
function launch(): Promise<Browser> {
  const executablePath = requireProgram('chromium', 'chromium')
  // Tests run as root in containers, where Chromium has no sandbox and little shared memory.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/**
 * A tab with nothing kept, closed when the test is finished, which fails the test when the page complains: errors and warnings in the
 * console, exceptions, what the content security policy refused.
 */
export async function aTab(options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= launch()
  const context = await (await browser).newContext({ viewport: { width: 1440, height: 900 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  onTestFinished(async () => {
    await context.close()
    expect(complaints.filter((text) => !isNetwork(text))).toEqual([])
  })
  return page
}

/** A browser reports every connection that fails: that is what a test of a gateway that is gone is about. */
function isNetwork(text: string): boolean {
  return /^Failed to load resource|^WebSocket connection to .* failed/.test(text)
}
