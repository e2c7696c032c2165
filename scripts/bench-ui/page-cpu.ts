// What a page costs its main thread: processor time, so that other work on the machine hardly shows in it.
import type { Page } from '@playwright/test'
import type { Row } from './rows.ts'

/** Milliseconds of the main thread during some work. */
export async function pageCpu(page: Page, work: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spent = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
  }
  const before = await spent()
  await work()
  const took = (await spent()) - before
  await session.detach()
  return took
}

export const cpuRow = (ms: number, frames: number): Row => ({
  name: '… processor time per frame',
  value: `${(ms / frames).toFixed(1)} ms`,
  budget: '',
  isGood: null,
})
