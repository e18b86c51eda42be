// How smooth the live page is while 1,000 events a second come: `npm run bench:page [seconds]`, a minute for each view by itself.
// Real Chromium without a graphics card, a real gateway and a writer in a process of their own. Frames are what
// requestAnimationFrame sees; a screen of 60 Hz gives one every 16.7 ms.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { requireProgram } from '../test/support/programs.ts'

const [seconds = '60', ...asked] = process.argv.slice(2)
const rate = 1_000
const views = asked.length > 0 ? asked : ['now', 'feed']

/** Runs in the page: the milliseconds between frames until `window.stopped`, and how long scripts held the thread. */
const recorder = `window.frames_ = []; window.long_ = [];
  new PerformanceObserver((list) => list.getEntries().forEach((e) => window.long_.push(e.duration))).observe({ type: 'longtask' });
  let last = performance.now();
  const frame = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(frame) };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame) })`

async function measure(browser: Browser, view: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'auren-bench-'))
  const script = fileURLToPath(new URL('page/source.ts', import.meta.url))
  const source = fork(script, [`sqlite:${join(folder, 'events.db')}`, String(rate), seconds])
  try {
    const [url] = (await once(source, 'message')) as [string]
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(`${url}/#/${view}?token=test`)
    await page.getByText('No events yet').waitFor()
    await page.evaluate(recorder)
    source.send('write')
    const [written] = (await once(source, 'message')) as [number]
    const frames = await page.evaluate<number[]>('window.frames_')
    const long = await page.evaluate<number[]>('window.long_')
    await page.evaluate('location.hash = "#/feed"')
    // Everything that was written is there, or what is missing was announced.
    await page.getByRole('listbox').waitFor()
    const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize')
    report(
      view,
      frames.sort((a, b) => a - b),
      { written, long, heap },
    )
    await page.close()
    source.send('end')
    await once(source, 'exit')
  } finally {
    source.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Rest {
  readonly written: number
  readonly long: readonly number[]
  readonly heap: number
}

function report(view: string, frames: readonly number[], { written, long, heap }: Rest): void {
  const at = (share: number) => (frames[Math.floor(frames.length * share)] ?? 0).toFixed(1)
  const late = frames.filter((ms) => ms > 50).length
  console.log(
    `${view.padEnd(6)} ${written} events, ${frames.length} frames: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(0.99999)} ms; ` +
      `${late} above 50 ms; ${long.length} scripts above 50 ms; ${Math.round(heap / 2 ** 20)} MB of heap`,
  )
}

const executablePath = requireProgram('chromium', 'chromium')
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--enable-precise-memory-info'],
})
console.log(
  `Chromium ${browser.version()}, node ${process.version}, Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model}, ` +
    `${Math.round(totalmem() / 2 ** 30)} GiB, load before ${loadavg()[0]?.toFixed(1)}; ${rate} events/s for ${seconds} s`,
)
for (const view of views) await measure(browser, view)
await browser.close()
