import { chromium } from 'playwright-core'
import type { ConsoleMessage, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { requireProgram } from './programs.ts'

/** The one tab of the tests of a file, which they have one after the other: a tab of its own costs each of them seconds. */
let tab: Promise<Page> | undefined

async function openTab(): Promise<Page> {
  const executablePath = requireProgram('chromium', 'chromium')
  // Tests run as root in containers, where Chromium has no sandbox and little shared memory. It ends with their process.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  return (await browser.newContext()).newPage()
}

interface Tab {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly permissions?: readonly string[]
}

/**
 * A tab with nothing kept, which fails the test when the page complains: errors and warnings in the console, exceptions, what the
 * content security policy refused.
 */
export async function aTab({ viewport = { width: 1440, height: 900 }, permissions = [] }: Tab = {}): Promise<Page> {
  const page = await (tab ??= openTab())
  const complaints: string[] = []
  const onError = (error: Error) => complaints.push(error.stack ?? error.message)
  const onConsole = (message: ConsoleMessage) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  }
  page.on('pageerror', onError).on('console', onConsole)
  onTestFinished(async () => {
    await page.evaluate('localStorage.clear(); sessionStorage.clear()')
    await page.goto('about:blank')
    await page.unrouteAll()
    await page.context().clearPermissions()
    page.off('pageerror', onError).off('console', onConsole)
    expect(complaints.filter((text) => !isNetwork(text))).toEqual([])
  })
  // What the test before has set.
  await page.setViewportSize(viewport)
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
  await page.context().grantPermissions([...permissions])
  return page
}

/** A browser reports every connection that fails: that is what a test of a gateway that is gone is about. */
function isNetwork(text: string): boolean {
  return /^Failed to load resource|^WebSocket connection to .* failed/.test(text)
}
