// What the dashboard is for, done with keys alone: start a run, see why it waits, decide, look at an attempt, compare. Every
// stop of the focus is seen on the way.
import { NODE_PROJECT, repairShell, repairShellAtSecond } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'
import { tabTo } from './tab-to.ts'

test('a run is started from the form', async ({ page, project, client }) => {
  const cwd = await project(NODE_PROJECT, repairShell)
  await page.goto('/runs')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.keyboard.press('n')
  await expect(page).toHaveURL(/\/runs\/new/)
  const form = page.getByRole('form', { name: 'New run' })
  await tabTo(page, form.getByLabel('Project directory'))
  await page.keyboard.press('Control+a')
  await page.keyboard.type(cwd)
  await expect(form.getByText('found').first()).toBeVisible()
  await tabTo(page, form.getByRole('radio', { checked: true }).first())
  await tabTo(page, form.getByRole('button', { name: 'Check now' }))
  await page.keyboard.press('Enter')
  await expect(form.getByText('1 failing of 2')).toBeVisible()
  await tabTo(page, form.getByRole('button', { name: /^Start run/ }))
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}/)
  expect(await client.run(page.url().split('/').at(-1)!)).toMatchObject({ goal: 'npm-test', cwd })
})

test('a gate is found, read and approved with a note', async ({ page, startRun, client }) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
  await client.until(runId, 'waiting')
  await page.goto('/runs')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('n')
  await expect(page).toHaveURL(/\/needs-you$/)
  await tabTo(page, page.locator(`main a[href*="${runId}"]`).first())
  await page.keyboard.press('Enter')
  const gate = page.getByRole('region', { name: /^Needs you: gate after iteration 1/ })
  await expect(gate.getByText('looked at it').first()).toBeVisible()
  await page.keyboard.press('a')
  const approve = gate.getByRole('button', { name: 'Approve and continue' })
  await expect(approve).toBeFocused()
  await tabTo(page, gate.getByRole('textbox', { name: /^Note to the agent/ }), 'Shift+Tab')
  await page.keyboard.type('now repair it')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('main')).toContainText('The goal is met in 2 iterations')
})

test('an attempt is looked at in every tab, and two runs are compared', async ({
  page,
  startRun,
  client,
}) => {
  const runs = [await startRun(repairShellAtSecond), await startRun(repairShell)]
  for (const { run_id } of runs) await client.until(run_id, 'achieved')
  await page.goto(`/runs/${runs[0]!.run_id}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.keyboard.press('[')
  await page.keyboard.press('[')
  await expect(page).toHaveURL(/iter=1/)
  const tabs = ['Activity', 'Changes', 'Checks', 'Usage', 'Config']
  for (const [index, name] of tabs.entries()) {
    await page.keyboard.press(String(index + 1))
    await expect(page.getByRole('tab', { name: new RegExp(`^${name}`) })).toHaveAttribute(
      'aria-selected',
      'true',
    )
    await expect(page).toHaveURL(/iter=1/)
  }
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/iter=/)

  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await expect(page).toHaveURL(/\/runs$/)
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await expect(page.getByText('2 selected')).toBeVisible()
  await page.keyboard.press('c')
  await expect(page).toHaveURL(/\/compare\?/)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Compare')
})
