// While events come in: what is drawn when, and whether the page still answers.
import type { Page } from '@playwright/test'
import { cpuRow, pageCpu } from './page-cpu.ts'
import { atMost, type Bench, frameRow, intervals, type Measurement, quantile } from './rows.ts'

const FAST = 1000
const SLOW = 200

interface Fed {
  /** Number of the first call. */
  first: number
  /** When each was emitted: ms since the epoch. */
  clocks: number[]
  took_ms: number
}

export const follow: Measurement = {
  name: 'follow',
  isTimed: true,
  async measure(bench) {
    const seconds = bench.isQuick ? 4 : 15
    const empty = await bench.emptyFrame()
    const { page, runId } = await openFedRun(bench)
    await page.evaluate(() => probes.watch())
    let fed: Fed = { first: 0, clocks: [], took_ms: 0 }
    const cpu = await pageCpu(page, async () => {
      fed = await bench.feed<Fed>({ do: 'stream', run_id: runId, per_second: FAST, seconds })
      const last = fed.first + fed.clocks.length - 1
      await page.evaluate(n => probes.when(() => probes.newestTick() >= n), last)
    })
    const frames = await page.evaluate(() => probes.stop())
    const origin = await page.evaluate(() => performance.timeOrigin)
    await page.close()

    const late: number[] = []
    let number = fed.first
    for (const { tick, paintedAt } of frames)
      for (; number <= tick; number++) late.push(paintedAt + origin - fed.clocks[number - fed.first]!)
    const following = frames.filter(({ tick }) => tick >= fed.first)
    const p95 = quantile(intervals(following.map(frame => frame.at)), 0.95)
    const drift = Math.max(...following.map(frame => Math.abs(frame.fromEnd)))
    const rate = ((fed.clocks.length * 2) / fed.took_ms) * 1000
    return [
      frameRow(`Follow at ${rate.toFixed(0)} events/s, p95 frame`, p95, 33, empty),
      cpuRow(cpu, frames.length),
      atMost('… drift', drift, 1, 'px'),
      atMost(`Emitted → painted, p50 of ${late.length}`, quantile(late, 0.5), 50, 'ms'),
      atMost('… p95', quantile(late, 0.95), 100, 'ms'),
      atMost('… p99', quantile(late, 0.99), 150, 'ms'),
    ]
  },
}

export const input: Measurement = {
  name: 'input',
  isTimed: true,
  async measure(bench) {
    const rounds = bench.isQuick ? 2 : 6
    const { page, runId } = await openFedRun(bench)
    // Rows to press, before they run away.
    await bench.feed({ do: 'burst', run_id: runId, count: 400 })
    let isDone = false
    const feeding = (async () => {
      while (!isDone) await bench.feed({ do: 'stream', run_id: runId, per_second: SLOW, seconds: 1 })
    })()
    // Its own failure is told below; an act that fails is what there is to tell of.
    feeding.catch(() => {})
    try {
      for (let round = 0; round < rounds; round++) await act(page)
    } finally {
      isDone = true
    }
    await feeding
    const durations = await page.evaluate(() => {
      const { interactionCount } = performance as unknown as { interactionCount: number } // not in the DOM's types yet
      const slow = [...probes.interactions.values()]
      // Those that took less than a frame are not told of.
      return [...slow, ...Array<number>(Math.max(0, interactionCount - slow.length)).fill(8)]
    })
    const shifts = await page.evaluate(() => probes.shifts.reduce((sum, shift) => sum + shift.value, 0))
    await page.close()
    return [
      atMost(`INP p75 of ${durations.length} at ${SLOW} events/s`, quantile(durations, 0.75), 100, 'ms'),
      atMost('… the slowest', Math.max(...durations), 200, 'ms'),
      atMost('CLS meanwhile', shifts, 0.02, '', 3),
    ]
  },
}

/** What a reader does with a run that goes on. */
async function act(page: Page) {
  const pause = () => page.waitForTimeout(120)
  for (const key of ['k', 'k', 'ArrowRight', 'j', 'h', 'f', 'f', 't', 'Home', 'End']) {
    await page.keyboard.press(key)
    await pause()
  }
  // The key goes on to the plain log, which is another page.
  for (const density of ['All events', 'Compact']) {
    await page.getByRole('button', { name: density }).click()
    await pause()
  }
  await page.keyboard.press('/')
  for (const key of 'tick 1') {
    await page.keyboard.press(key)
    await pause()
  }
  await page.keyboard.press('Escape')
  for (const tab of ['Checks', 'Usage', 'Config', 'Activity']) {
    await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
    await pause()
  }
  await page.keyboard.press('End')
  await pause()
}

export const reconnect: Measurement = {
  name: 'reconnect',
  isTimed: true,
  async measure(bench) {
    const count = bench.isQuick ? 4000 : 20_000
    const { page, runId } = await openFedRun(bench)
    await bench.feed({ do: 'burst', run_id: runId, count: 200 })
    await page.evaluate(() => probes.when(() => probes.newestTick() > 0))
    await page.context().setOffline(true)
    await page
      .getByText(/^(Reconnecting|Offline)/)
      .first()
      .waitFor()
    const { last_seq } = await bench.feed<{ last_seq: number }>({ do: 'burst', run_id: runId, count })
    const seen = page.evaluate(async wanted => {
      const before = probes.newestTick()
      const back = await new Promise<number>(resolve =>
        window.addEventListener('online', event => resolve(event.timeStamp), { once: true }),
      )
      const usable = await probes.when(() => probes.newestTick() > before)
      const complete = await probes.when(
        () =>
          document.querySelector('[role="tab"][aria-selected="true"]')?.textContent?.replace(/\D/g, '') ===
          wanted,
      )
      return { usable: usable - back, complete: complete - back }
    }, String(last_seq))
    await page.context().setOffline(false)
    const { usable, complete } = await seen
    await page.close()
    const name = count.toLocaleString('en-US')
    return [
      atMost(`Reconnected, ${name} events missed: usable`, usable, 1000, 'ms'),
      atMost('… complete', complete, 3000, 'ms'),
    ]
  },
}

async function openFedRun(bench: Bench): Promise<{ page: Page; runId: string }> {
  const runId = await bench.freshRun()
  const page = await bench.newPage()
  await page.goto(`${bench.url}/runs/${runId}`)
  await page.getByText('Live', { exact: true }).waitFor()
  return { page, runId }
}
