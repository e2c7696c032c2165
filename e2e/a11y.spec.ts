import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { repairShell, repairShellAtSecond } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

/** In both themes, which the page changes in place. */
async function expectAccessible(page: Page, what: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await expectNothingSerious(page, `${what}, ${colorScheme}`)
  }
}

async function expectNothingSerious(page: Page, what: string) {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode(true)
    .analyze()
  const found = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help}\n${nodes.map(node => `  ${node.html.slice(0, 300)}\n  ${node.failureSummary}`).join('\n')}`,
    )
  expect(found, what).toEqual([])
}

for (const width of [390, 768, 1280]) {
  test(`axe finds nothing serious in either theme: ${width} px`, async ({ page, startRun, client }) => {
    test.setTimeout(180_000)
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 })
    const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
    await client.until(runId, 'waiting')
    const live = () => expect(page.getByText('Live', { exact: true })).toBeVisible()
    for (const url of ['/runs', '/runs/new', '/needs-you']) {
      await page.goto(url)
      await live()
      await expectAccessible(page, url)
    }

    await page.goto(`/runs/${runId}`)
    await live()
    const gate = page.getByRole('region', { name: /^Needs you: gate/ })
    await expect(gate.getByText('looked at it').first()).toBeVisible()
    await expectAccessible(page, 'run page, gate open')
    await gate.getByRole('button', { name: 'Abort' }).click()
    await expectAccessible(page, 'run page, asked to abort')
    await gate.getByRole('button', { name: 'Cancel' }).click()
    await gate.getByRole('button', { name: 'Approve and continue' }).click()
    await expect(page.getByRole('main')).toContainText('The goal is met')
    await expectAccessible(page, 'run page, ended')
    for (const tab of ['changes', 'checks', 'usage', 'config']) {
      await page.goto(`/runs/${runId}?tab=${tab}`)
      await live()
      await expectAccessible(page, tab)
    }
    await page.goto('/runs')
    await live()
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog')).toBeVisible()
    await expectAccessible(page, 'sheet of keys')
  })
}

test('axe finds nothing serious beside the runs: both themes, three widths, and nothing beside the screen', async ({
  page,
  startRun,
  client,
}) => {
  test.setTimeout(180_000)
  const runs = [await startRun(repairShell), await startRun(repairShell)]
  for (const { run_id } of runs) await client.until(run_id, 'achieved')
  const [a, b] = runs.map(run => run.run_id)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const url of [`/compare?a=${a}&b=${b}`, '/health', '/settings']) {
    await page.goto(url)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await expectFits(page, url)
  }
})

test('axe finds nothing serious in the API reference, in a selection and in the palette', async ({
  page,
  startRun,
  client,
}) => {
  test.setTimeout(180_000)
  await client.until((await startRun(repairShell)).run_id, 'achieved')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto('/docs/api')
  // The whole of it takes axe seconds; what is found looks like the rest.
  await page.getByRole('searchbox', { name: 'Search the reference' }).fill('gate')
  await expect(page.getByRole('heading', { name: 'resumeRun' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'startRun' })).toBeHidden()
  await expectFits(page, 'API reference')
  await page.goto('/runs')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page
    .getByRole('checkbox', { name: /^Select make it work/ })
    .first()
    .click()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('option').first()).toBeVisible()
  await expectFits(page, 'a selection, and the palette')
})

async function expectFits(page: Page, what: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [390, 768, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await expectAccessible(page, `${what}, ${colorScheme}, ${width}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide, `${what}, ${width}`).toBeLessThanOrEqual(0)
    }
  }
}
