// The built server over a long run, a browser, and the way to feed a run while a page looks at it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { chromium } from '@playwright/test'
import { openStage } from '#lib/testing/stage'
import { findChromium } from '../ensure-chromium.mjs'
import { openingEvents, writeRuns } from './long-run.ts'
import { installProbes } from './probes.ts'
import { type Bench, intervals, quantile } from './rows.ts'

/** Two tries of each measurement that feeds a run, and one to spare. */
const LIVE_RUNS = 8

export async function openBench({ isQuick, events }: { isQuick: boolean; events: number }) {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('There is no Chromium; run `node scripts/ensure-chromium.mjs`')
  const folder = await mkdtemp(path.join(tmpdir(), 'retrai-bench-ui-'))
  const dataDir = path.join(folder, 'data')
  const socketPath = path.join(folder, 'feeder.sock')
  await mkdir(dataDir)
  const runs = await writeRuns(dataDir, events, LIVE_RUNS)
  const stage = await openStage({
    dataDir,
    env: {
      NODE_OPTIONS: `--import ${new URL('feeder.mjs', import.meta.url).href}`,
      RETRAI_BENCH_SOCKET: socketPath,
    },
  })
  const home = path.join(folder, 'home')
  const browser = await chromium.launch({
    executablePath,
    // What measures memory collects garbage first.
    env: {
      ...(process.env as Record<string, string>),
      HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_CACHE_HOME: home,
    }, // only what is set is listed
  })

  const feed = async <T>(asked: Record<string, unknown>): Promise<T> => {
    const socket = connect(socketPath)
    socket.write(`${JSON.stringify(asked)}\n`)
    const answer = JSON.parse(await text(socket)) as { error?: string }
    if (answer.error) throw new Error(`the feeder failed: ${answer.error}`)
    return answer as T // what feeder.mjs answers to this
  }

  const newPage: Bench['newPage'] = async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
    // What tsx compiles refers to it.
    await context.addInitScript('globalThis.__name = value => value')
    await context.addInitScript(installProbes)
    const page = await context.newPage()
    page.once('close', () => void context.close())
    return page
  }

  const bench: Bench = {
    isQuick,
    events,
    url: stage.server.url,
    stage,
    runs,
    feed,
    newPage,
    async freshRun() {
      const runId = runs.live.pop()
      if (!runId) throw new Error('there is no fresh run left to feed')
      await feed({ do: 'append', run_id: runId, events: openingEvents(runId) })
      return runId
    },
    async emptyFrame() {
      const page = await newPage()
      await page.setContent(
        '<div id="empty-scroller" style="height:700px;overflow:auto"><div style="height:3000000px">empty</div></div>',
      )
      await page.evaluate(() => probes.watch({ px: 1500, busyMs: 10 }))
      await page.waitForTimeout(2000)
      const frames = await page.evaluate(() => probes.stop())
      await page.close()
      return quantile(intervals(frames.map(frame => frame.at)), 0.95)
    },
  }
  return {
    bench,
    async close() {
      await browser.close()
      await stage.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
