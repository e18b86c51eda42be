// From `npm run demo` to the first event on the live page: `npm run bench:first-event`. The browser is open already and follows the
// link as soon as the demo prints it. Once with the page built, and once where it has to be built first.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { cpus, loadavg, release } from 'node:os'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { requireProgram } from '../test/support/programs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Seconds until the link is printed, and until an agent is on the page. */
async function measure(browser: Browser): Promise<{ readonly link: number; readonly event: number }> {
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1_000
  const demo = spawn('npm', ['run', 'demo'], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const address = await linkOf(demo)
    const link = seconds()
    const page = await browser.newPage()
    await page.goto(address)
    await page.getByRole('listitem').first().waitFor()
    const event = seconds()
    await page.close()
    return { link, event }
  } finally {
    // npm hands the signal on to nobody: the group is npm, the shell and the demo.
    if (demo.pid !== undefined && demo.exitCode === null) {
      process.kill(-demo.pid, 'SIGINT')
      await once(demo, 'exit')
    }
  }
}

function linkOf(demo: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    demo.stdout?.on('data', (data: Buffer) => {
      said += data.toString()
      const address = /Live page: (\S+)/.exec(said)?.[1]
      if (address !== undefined) resolve(address)
    })
    demo.once('exit', () => reject(new Error(`the demo ended: ${said}`)))
  })
}

const executablePath = requireProgram('chromium', 'chromium')
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
console.log(
  `Chromium ${browser.version()}, node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}, load before ${loadavg()[0]?.toFixed(1)}`,
)
for (const state of ['not built', 'built', 'built', 'built']) {
  if (state === 'not built') rmSync(`${root}dist/dashboard`, { recursive: true, force: true })
  const { link, event } = await measure(browser)
  console.log(
    `page ${state}: the link after ${link.toFixed(1)} s, the first event on the page after ${event.toFixed(1)} s`,
  )
}
await browser.close()
