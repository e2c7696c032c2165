import { devices, type Page } from '@playwright/test'
import { repairShellAtSecond } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

const { defaultBrowserType: _, ...phone } = devices['iPhone 13']
test.use({ ...phone, viewport: { width: 390, height: 844 } })

/** Nothing makes the page itself scroll sideways. */
async function expectNoSidewaysScroll(page: Page) {
  const [content, window] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ])
  expect(content).toBeLessThanOrEqual(window!)
}

test('a gate is found, read and approved with a thumb', async ({ page, startRun, client }) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
  await client.until(runId, 'waiting')
  await page.goto('/runs')
  await expectNoSidewaysScroll(page)
  await page
    .getByRole('navigation', { name: 'Main' })
    .getByRole('link', { name: /waiting/ })
    .tap()
  await expectNoSidewaysScroll(page)
  await page.getByRole('listitem').getByRole('link', { name: 'make it work' }).tap()
  const gate = page.getByRole('region', { name: /^Needs you: gate after iteration 1/ })
  await expect(gate).toBeVisible()
  await expect(gate.getByText('looked at it').first()).toBeVisible()
  await expectNoSidewaysScroll(page)
  const approve = gate.getByRole('button', { name: 'Approve and continue' })
  await expect(approve).toBeInViewport()
  const box = await approve.boundingBox()
  expect(box?.height).toBeGreaterThanOrEqual(44)
  await gate.getByRole('textbox', { name: /^Note to the agent/ }).fill('go on')
  await expectNoSidewaysScroll(page)
  await approve.tap()
  await expect(page.getByRole('main')).toContainText('The goal is met in 2 iterations')
  await expectNoSidewaysScroll(page)
})

test('no page scrolls sideways', async ({ page, startRun, client }) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, {
    goal: `make ${'a-very-long-word-'.repeat(30)} work`,
  })
  await client.until(runId, 'achieved')
  const pages = ['/runs', '/runs/new', '/needs-you', `/runs/${runId}`]
  for (const tab of ['changes', 'checks', 'usage', 'config']) pages.push(`/runs/${runId}?tab=${tab}`)
  for (const url of pages) {
    await page.goto(url)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expectNoSidewaysScroll(page)
  }
})
