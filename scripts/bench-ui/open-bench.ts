// The built server over a long run, a browser, and the way to feed a run while a page looks at it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from '@playwright/test'
import { openFeeder } from '#lib/testing/feeder'
import { openingEvents, writeRuns } from '#lib/testing/long-run'
import { openStage } from '#lib/testing/stage'
import { findChromium } from '../ensure-chromium.mjs'
import { installProbes } from './probes.ts'
import { type Bench, intervals, quantile } from './rows.ts'

/** Two tries of each measurement that feeds a run, and one to spare. */
const LIVE_RUNS = 8

export async function openBench({ isQuick, events }: { isQuick: boolean; events: number }) {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('There is no Chromium; run `node scripts/ensure-chromium.mjs`')
  const folder = await mkdtemp(path.join(tmpdir(), 'retrai-bench-ui-'))
  const dataDir = path.join(folder, 'data')
  await mkdir(dataDir)
  const runs = await writeRuns(dataDir, events, LIVE_RUNS)
  const feeder = await openFeeder()
  const stage = await openStage({ dataDir, env: feeder.env })
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
    feed: feeder.feed,
    newPage,
    async freshRun() {
      const runId = runs.live.pop()
      if (!runId) throw new Error('there is no fresh run left to feed')
      await feeder.feed({ do: 'append', run_id: runId, events: openingEvents(runId) })
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
      await feeder.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
