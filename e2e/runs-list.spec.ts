import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { repairShell, repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { expect, test } from './own-stage.ts'

const rowOf = (page: Page, runId: string) =>
  page.getByRole('row').filter({ has: page.locator(`[data-row="${runId}"]`) })
const order = (page: Page) =>
  page.locator('a[data-row]').evaluateAll(rows => rows.map(row => row.getAttribute('data-row')))

test('the list is filtered with counts, ordered by the address, and several runs are aborted and saved at once', async ({
  page,
  open,
}) => {
  const { server, client, project } = await open()
  const done = await client.finish({ ...SHELL_GOAL, cwd: await project(SHELL_PROJECT, repairShell) })
  const waiting: string[] = []
  for (let i = 0; i < 2; i += 1) {
    const cwd = await project(SHELL_PROJECT, repairShellAtSecond)
    const { run_id } = await client.start({ ...SHELL_GOAL, goal: `wait ${i}`, cwd, hitl_enabled: true })
    await client.until(run_id, 'waiting')
    waiting.push(run_id)
  }
  const [first = '', second = ''] = waiting

  await page.goto(`${server.url}/runs`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const facets = page.getByRole('navigation', { name: 'Status' })
  await expect(facets).toContainText('All 3')
  await expect(facets).toContainText('needs you 2')
  // Who waits stands on top, the longest wait first, although another is newer.
  expect(await order(page)).toEqual([first, second, done.run_id])

  await page.getByLabel('Goal', { exact: true }).selectOption({ label: 'wait 0 (1)' })
  await expect(page).toHaveURL(/goal=wait\+0/)
  await expect(facets).toContainText('All 1')
  await expect(rowOf(page, second)).toBeHidden()
  await page.getByRole('link', { name: 'Clear' }).click()
  await expect(rowOf(page, second)).toBeVisible()

  await page.getByRole('link', { name: 'Age' }).click()
  await expect(page).toHaveURL(/sort=created/)
  await expect(page.getByRole('columnheader', { name: 'Age' })).toHaveAttribute('aria-sort', 'descending')
  await page.reload()
  await expect(page.getByLabel('Order')).toHaveValue('created')

  await page.getByRole('checkbox', { name: /^Select wait 0/ }).click()
  await page.getByRole('checkbox', { name: /^Select wait 1/ }).click({ modifiers: ['Shift'] })
  const bar = page.getByRole('region', { name: 'Selected runs' })
  await expect(bar).toContainText('2 selected')
  const saved = page.waitForEvent('download')
  await bar.getByRole('button', { name: 'CSV' }).click()
  const csv = readFileSync(await (await saved).path(), 'utf8')
  expect(csv.trimEnd().split('\r\n')).toHaveLength(3)
  expect(csv).toContain(`${first},wait 0,waiting`)

  await bar.getByRole('button', { name: /^Abort/ }).click()
  await bar.getByRole('group', { name: 'Abort 2 runs?' }).getByRole('button', { name: 'Abort' }).click()
  for (const runId of waiting) await client.until(runId, 'aborted')
  await expect(rowOf(page, first)).toContainText('aborted')
  await expect(facets).toContainText('aborted 2')
  await page.keyboard.press('Escape')
  await expect(bar).toBeHidden()
})
