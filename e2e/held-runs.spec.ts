// Runs that do not work at the moment: in line for a slot, or paused. Each story has a server with settings of its own.
import type { Page } from '@playwright/test'
import type { RunStarted } from '#lib/contract/runs'
import { bash, repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, fault, text, turn } from '#lib/testing/messages-script'
import type { Script, Stage } from '#lib/testing/stage'
import { expect, test } from './own-stage.ts'

async function start(stage: Stage, script: Script, body: Record<string, unknown> = {}): Promise<RunStarted> {
  const cwd = await stage.project(SHELL_PROJECT, script)
  return stage.client.start({ ...SHELL_GOAL, cwd, ...body })
}

/** Holds a slot until it is aborted. */
const sleeps: Script = [turn([text('This takes long.'), bash('sleep 600')])]

const row = (page: Page, runId: string) =>
  page.getByRole('row').filter({ has: page.locator(`a[href="/runs/${runId}"]`) })

test('queued runs show their place and why, move up by themselves, and the one with priority goes first', async ({
  page,
  open,
}) => {
  test.setTimeout(120_000)
  const stage = await open({ RETRAI_MAX_PARALLEL: '1' })
  const { url } = stage.server
  const running = await start(stage, sleeps)
  const first = await start(stage, repairShell)
  const second = await start(stage, repairShell)
  await page.goto(`${url}/runs`)
  await expect(row(page, first.run_id)).toContainText('Next in line: the only slot is taken')
  await expect(row(page, second.run_id)).toContainText('Number 2 in line')

  // Who has priority goes ahead of both, which both rows tell at once.
  const urgent = await start(stage, sleeps, { priority: 10 })
  await expect(row(page, urgent.run_id)).toContainText('Next in line')
  await expect(row(page, urgent.run_id)).toContainText('priority +10')
  await expect(row(page, first.run_id)).toContainText('Number 2 in line')
  await expect(row(page, second.run_id)).toContainText('Number 3 in line')

  await page.goto(`${url}/runs/${second.run_id}`)
  const main = page.getByRole('main')
  await expect(main).toContainText('Number 3 in line. The only slot is taken.')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await stage.client.ok('POST', `/api/runs/${running.run_id}/abort`)
  await expect(main).toContainText('Number 2 in line')
  await stage.client.ok('POST', `/api/runs/${urgent.run_id}/abort`)
  await expect(main).toContainText('The goal is met')
  await expect(main).not.toContainText('in line')
})

test('the priority of a new run is among the advanced fields, and held to its limits by the server', async ({
  page,
  open,
  expected,
}) => {
  expected.push(/422/)
  const stage = await open({ RETRAI_MAX_PARALLEL: '1' })
  const running = await start(stage, sleeps)
  const cwd = await stage.project(SHELL_PROJECT, repairShell)
  const search = new URLSearchParams({ cwd, goal: SHELL_GOAL.goal })
  await page.goto(`${stage.server.url}/runs/new?${search}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.getByRole('textbox', { name: /^Command|^Check/ }).fill('sh check.sh')
  await page.locator('summary').filter({ hasText: 'Advanced' }).click()
  const priority = page.getByRole('textbox', { name: 'Priority' })
  await expect(priority).toHaveAttribute('placeholder', '0')
  await priority.fill('101')
  await page.getByRole('button', { name: /^Start run/ }).click()
  await expect(priority).toHaveAccessibleDescription(/must be -100 to 100/)
  await expect(priority).toBeFocused()
  await priority.fill('-7')
  await expect(page.getByText('"priority": -7').first()).toBeVisible()
  await page.getByRole('button', { name: /^Start run/ }).click()
  await expect(page.getByRole('main')).toContainText('Next in line')
  await expect(page.getByRole('main')).toContainText('priority −7')
  await stage.client.ok('POST', `/api/runs/${running.run_id}/abort`)
  await expect(page.getByRole('main')).toContainText('The goal is met')
})

test('a paused run says what it waits for and when it tries again, and is resumed and aborted there', async ({
  page,
  open,
}) => {
  test.setTimeout(120_000)
  const stage = await open({ RETRAI_MODEL_PATIENCE_SECONDS: '0' })
  let isOverloaded = true
  const overloaded = ({ assistantMessages }: { assistantMessages: number }): Answer =>
    isOverloaded ? fault.status(529) : repairShell[assistantMessages]!
  const { run_id: runId } = await start(stage, overloaded)
  await stage.client.until(runId, 'paused')

  await page.goto(`${stage.server.url}/runs`)
  await expect(row(page, runId)).toContainText(/paused/i)
  await expect(row(page, runId)).toContainText('529')

  await page.goto(`${stage.server.url}/runs/${runId}`)
  const panel = page.getByRole('region', { name: 'Paused' })
  await expect(panel).toContainText('Paused: the model does not answer')
  await expect(panel).toContainText(/It tries again by itself at .+, in 00:[0-5]\d/)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  // Resumed too early it is paused again, which is another pause in the timeline.
  const activity = page.getByRole('region', { name: 'Activity' })
  const pauses = activity.getByText('The model does not answer.')
  await expect(pauses).toHaveCount(1)
  await panel.getByRole('button', { name: 'Resume now' }).click()
  await expect(pauses).toHaveCount(2)
  await expect(activity.getByText('Resumed by dashboard; the run goes on')).toHaveCount(1)

  // Asked to abort and taken back; then resumed, and it ends well.
  await page.keyboard.press('Shift+X')
  await expect(panel.getByRole('group', { name: 'Abort this run?' })).toBeVisible()
  await page.keyboard.press('Escape')
  isOverloaded = false
  await panel.getByRole('button', { name: 'Resume now' }).click()
  await expect(panel).toBeHidden()
  await expect(page.getByRole('main')).toContainText('The goal is met')

  isOverloaded = true
  const other = await start(stage, overloaded)
  await stage.client.until(other.run_id, 'paused')
  await page.goto(`${stage.server.url}/runs/${other.run_id}`)
  await panel.getByRole('button', { name: 'Abort' }).click()
  await panel.getByRole('group', { name: 'Abort this run?' }).getByRole('button', { name: 'Abort' }).click()
  await expect(page.getByRole('main')).toContainText('Stopped by a person')
  await expect(panel).toBeHidden()
})
