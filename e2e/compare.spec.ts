import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { repairShell, repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

test('two runs are selected in the list and compared: what they came to, their settings, and what each changed', async ({
  page,
  startRun,
  client,
}) => {
  const first = await startRun(repairShell)
  const second = await startRun(repairShellAtSecond, { max_iterations: 7 })
  for (const { run_id } of [first, second]) await client.until(run_id, 'achieved')

  await page.goto('/runs')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const row = (runId: string) => page.locator(`a[data-row="${runId}"]`)
  await row(second.run_id).focus()
  await page.keyboard.press('x')
  await row(first.run_id).focus()
  await page.keyboard.press('x')
  const bar = page.getByRole('region', { name: 'Selected runs' })
  await expect(bar).toContainText('2 selected')
  await page.keyboard.press('c')

  await expect(page).toHaveURL(/\/compare\?a=[0-9a-f-]{36}&b=[0-9a-f-]{36}$/)
  await expect(page.getByText('Not like for like: they worked in different directories')).toBeVisible()
  const table = page.getByRole('table', { name: 'Two runs side by side' })
  await expect(table.getByRole('row', { name: /^Iterations/ })).toContainText('1')
  await expect(table.getByRole('row', { name: /^Result/ })).toContainText('achieved')

  await page.getByRole('link', { name: 'Settings', exact: true }).last().click()
  const settings = page.getByRole('table', { name: 'Settings of the two runs' })
  await expect(settings.getByRole('row', { name: /^Iterations/ })).toContainText('7')
  await expect(settings.getByRole('row', { name: /^Model/ })).toBeHidden()
  await page.getByRole('switch', { name: 'Show the same ones too' }).click()
  await expect(settings.getByRole('row', { name: /^Model/ })).toBeVisible()

  await page.getByRole('link', { name: 'Diff', exact: true }).click()
  await expect(page.getByRole('button', { name: 'A to B' })).toBeDisabled()
  await page.getByRole('button', { name: 'B since its start' }).click()
  await expect(page.getByRole('region', { name: 'Diff', exact: true })).toContainText('file')
})

test('results of one directory are compared file by file', async ({ page, project, client }) => {
  const cwd = await project(SHELL_PROJECT, repairShell)
  const first = await client.finish({ ...SHELL_GOAL, cwd })
  writeFileSync(path.join(cwd, 'app.txt'), 'broken\nmore\n')
  const second = await client.finish({ ...SHELL_GOAL, cwd })
  await page.goto(`/compare?a=${first.run_id}&b=${second.run_id}&tab=diff`)
  await expect(page.getByText('Not like for like: they began with different files')).toBeVisible()
  const diff = page.getByRole('region', { name: 'Diff', exact: true })
  await expect(diff).toContainText('1 file +1 −0')
  await expect(diff).toContainText('more')
  await page.getByRole('link', { name: 'Swap' }).click()
  await expect(diff).toContainText('1 file +0 −1')
  await page.goto(`/compare?a=${first.run_id}&b=nonsense`)
  await expect(page.getByText('There is no run nonsense')).toBeVisible()
})
