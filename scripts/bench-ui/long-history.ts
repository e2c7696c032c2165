// The long run with all of its events in the page: scrolling, filtering, memory.
import type { Page } from '@playwright/test'
import { cpuRow, pageCpu } from './page-cpu.ts'
import { atMost, frameRow, intervals, type Measurement, quantile } from './rows.ts'

const SCROLL_PX = 1500
/** Fewer rows with each key. */
const TYPED = '13-12'

export const longHistory: Measurement = {
  name: 'long',
  isTimed: true,
  async measure(bench) {
    const { isQuick, newPage, runs, url, events } = bench
    const empty = await bench.emptyFrame()
    const page = await newPage()
    await page.goto(`${url}/runs/${runs.long}?view=all`)
    await page.getByText('Live', { exact: true }).waitFor()
    const loadedIn = await loadAll(page)
    const cpu = await pageCpu(page, async () => {
      await page.evaluate(px => probes.watch({ px }), SCROLL_PX)
      await page.waitForTimeout(isQuick ? 2000 : 4000)
    })
    const frames = await page.evaluate(() => probes.stop())
    const heap = await heapOf(page)
    const keys = await filterKeys(page)
    const heapAfter = await heapOf(page)
    await page.close()
    const p95 = quantile(intervals(frames.map(frame => frame.at)), 0.95)
    const blank = frames.filter(frame => frame.isBlank).length
    const all = `${events.toLocaleString('en-US')} events`
    const seconds = `${(loadedIn / 1000).toFixed(1)} s`
    return [
      { name: `Scrolled to the first of ${all}, all loaded`, value: seconds, budget: '', isGood: null },
      frameRow(`Scroll, ${all} in a row each, p95 frame`, p95, 20, empty),
      cpuRow(cpu, frames.length),
      atMost('… blank frames', blank, 0, `of ${frames.length}`),
      atMost(`JS heap, ${all}`, heap, 150, 'MB'),
      atMost(`Filter, ${all}: first key to first result`, keys[0]!, 50, 'ms'),
      atMost('… further keys, median', quantile(keys.slice(1), 0.5), 50, 'ms'),
      atMost('… JS heap after it', heapAfter, 150, 'MB'),
    ]
  },
}

/** As a reader would who scrolls to the top until there is no more. */
async function loadAll(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const began = performance.now()
    await probes.when(() => {
      const element = probes.scroller()
      if (element) element.scrollTop = 0
      return document.querySelector('[data-row="1"]') !== null
    })
    return performance.now() - began
  })
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.enable')
  for (let i = 0; i < 2; i++) await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize / 2 ** 20
}

/** From each key to the first painted frame with another number of rows, in ms. */
async function filterKeys(page: Page): Promise<number[]> {
  const took: number[] = []
  await page.getByRole('textbox', { name: /^Filter events/ }).focus()
  for (const key of TYPED) {
    const seen = page.evaluate(() => {
      const isLooking = () => document.body.textContent?.includes('Looking at older events') ?? false
      const rowsNow = () =>
        document.querySelector('section[aria-label="Events"] li')?.getAttribute('aria-setsize')
      const before = rowsNow()
      return new Promise<number>(resolve =>
        window.addEventListener(
          'keydown',
          event =>
            void probes
              .when(() => rowsNow() !== before && !isLooking())
              .then(at => resolve(at - event.timeStamp)),
          { once: true, capture: true },
        ),
      )
    })
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 300)))
    await page.keyboard.press(key)
    took.push(await seen)
  }
  return took
}
