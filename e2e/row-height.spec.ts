import type { Page } from '@playwright/test'
import { repairShellAtSecond } from '#lib/testing/make-project'
import { HEADER_HEIGHT, NARROW_BELOW, ROW_HEIGHT } from '../app/runs/[runId]/row-height.ts'
import { expect, test } from './fixtures.ts'

const ESTIMATES = {
  header: HEADER_HEIGHT,
  wide: ROW_HEIGHT.wide,
  narrow: ROW_HEIGHT.narrow,
  below: NARROW_BELOW,
}

/** Rows of the stream whose height is another than the list computes with. */
const wrongRows = (page: Page) =>
  page.evaluate(({ header, wide, narrow, below }) => {
    const list = document.querySelector('section[aria-label="Events"]')
    if (!list) return ['there is no list']
    return [...list.querySelectorAll('li[data-index]')].flatMap(row => {
      const isHeader = row.querySelector('[data-row^="i"]') !== null
      const estimate = isHeader ? header : list.clientWidth < below ? narrow : wide
      const measured = row.getBoundingClientRect().height
      const words = row.textContent?.slice(0, 40)
      return Math.abs(measured - estimate) < 0.01 ? [] : [`${words}: ${measured} instead of ${estimate}`]
    })
  }, ESTIMATES)

test('every kind of row is as high as the list computes: both views, themes, widths and settings', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
  await client.until(runId, 'waiting')
  await client.ok('POST', `/api/runs/${runId}/note`, { body: { text: 'A note.\nOf two lines.' } })
  await client.ok('PATCH', `/api/runs/${runId}/config`, { body: { max_iterations: 9 } })
  await client.resume(runId, { decision: 'approve' })
  await client.until(runId, 'achieved')
  for (const view of ['compact', 'all']) {
    await page.setViewportSize({ width: 1280, height: 2400 })
    await page.goto(`/runs/${runId}?view=${view}`)
    const rows = page.getByRole('region', { name: 'Events' })
    const grouped = ['baseline', 'Iteration 1', 'think', 'write', 'gate', 'note', 'config', 'end']
    const single = [
      'goal_check',
      'step_start',
      'llm_usage',
      'tool_call',
      'human_check_required',
      'note',
      'end',
    ]
    for (const label of view === 'compact' ? grouped : single) await expect(rows).toContainText(label)
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme })
      for (const density of ['comfortable', 'compact'])
        for (const width of [1280, 390]) {
          await page.setViewportSize({ width, height: 2400 })
          await page.evaluate(tight => {
            document.documentElement.dataset.density = tight
          }, density)
          await expect
            .poll(() => wrongRows(page), { message: `${view}, ${colorScheme}, ${density}, ${width}` })
            .toEqual([])
        }
    }
  }
})
