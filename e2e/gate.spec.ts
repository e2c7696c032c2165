import { appendFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { repairShellAtSecond } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

const gated = { hitl_enabled: true }
const gateOf = (page: Page) => page.getByRole('region', { name: /^Needs you: gate after iteration 1/ })
const goalIsMet = (page: Page) =>
  expect(page.getByRole('main')).toContainText('The goal is met in 2 iterations')

test('a gate shows what changed; it is approved by mouse with a note that the agent reads', async ({
  page,
  startRun,
  client,
  stage,
}) => {
  const { run_id: runId, cwd } = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await expect(gate).toBeVisible()
  await expect(gate).toContainText('1 file')
  await expect(gate).toContainText('I have only looked so far.')
  await expect(gate.getByText('notes.txt').first()).toBeVisible()
  await expect(gate.getByText('looked at it').first()).toBeVisible()
  const note = gate.getByRole('textbox', { name: /^Note to the agent/ })
  await note.fill('Write it into app.txt')
  // A note survives a reload.
  await page.reload()
  await expect(note).toHaveValue('Write it into app.txt')
  await gate.getByRole('button', { name: 'Approve and continue' }).click()
  await expect(gate).toBeHidden()
  await goalIsMet(page)
  const [response] = await client.events(runId, '?kind=human_check_response')
  expect(response?.payload).toMatchObject({
    decision: 'approve',
    note: 'Write it into app.txt',
    decided_by: 'dashboard',
  })
  const asked = stage.requests(cwd).find(request => request.assistantMessages === 2)
  expect(JSON.stringify(asked?.body.messages)).toContain('Write it into app.txt')
})

test('a gate is approved by keyboard: a, then Enter', async ({ page, startRun }) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${runId}`)
  await expect(gateOf(page)).toBeVisible()
  await page.keyboard.press('a')
  await expect(gateOf(page).getByRole('button', { name: 'Approve and continue' })).toBeFocused()
  await page.keyboard.press('Enter')
  await goalIsMet(page)
})

test('a stray Enter after asking to abort does nothing; the abort itself ends the run', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await gate.getByRole('button', { name: 'Abort' }).click()
  await expect(gate.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(gate.getByRole('button', { name: 'Approve and continue' })).toBeVisible()
  expect((await client.run(runId)).status).toBe('waiting')
  await gate.getByRole('button', { name: 'Abort' }).click()
  await gate.getByRole('button', { name: 'Abort the run' }).click()
  await expect(gate).toBeHidden()
  await expect(page.getByRole('main')).toContainText('Stopped by a person')
  expect(await client.until(runId, 'aborted')).toMatchObject({ iteration: 1 })
})

test('two people look at one gate: one decides, the other sees it without a reload', async ({
  page,
  browser,
  baseURL,
  watch,
  startRun,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, gated)
  const second = await browser.newPage({ baseURL })
  watch(second)
  await Promise.all([page.goto(`/runs/${runId}`), second.goto(`/runs/${runId}`)])
  await expect(gateOf(page)).toBeVisible()
  await expect(gateOf(second)).toBeVisible()
  await gateOf(page).getByRole('button', { name: 'Approve and continue' }).click()
  await expect(gateOf(second)).toBeHidden()
  await goalIsMet(page)
  await goalIsMet(second)
  await second.close()
})

test('who decides second is told who decided first', async ({ page, startRun, client, expected }) => {
  expected.push(/409/)
  const { run_id: runId } = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await expect(gate).toBeVisible()
  // The other decision comes in while this one is on its way.
  await page.route('**/resume', async route => {
    await client.resume(runId, { decision: 'approve' })
    await route.continue()
  })
  await gate.getByRole('button', { name: 'Abort' }).click()
  const answered = page.waitForResponse('**/resume')
  await gate.getByRole('button', { name: 'Abort the run' }).click()
  expect((await answered).status()).toBe(409)
  const told = page.getByRole('alert').filter({ hasText: 'came too late' })
  await expect(told).toContainText(/The gate was already approved by api at \d{4}-/)
  await goalIsMet(page)
})

test('a directory that changed since the diff was shown is reviewed again before it can be approved', async ({
  page,
  startRun,
  client,
  expected,
}) => {
  expected.push(/412/)
  const { run_id: runId, cwd } = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await expect(gate.getByText('looked at it').first()).toBeVisible()
  await appendFile(path.join(cwd, 'notes.txt'), 'changed by somebody else\n')
  await gate.getByRole('button', { name: 'Approve and continue' }).click()
  await expect(gate).toContainText('The directory changed since you looked')
  await expect(gate.getByText('changed by somebody else').first()).toBeVisible()
  expect((await client.run(runId)).status).toBe('waiting')
  await gate.getByRole('button', { name: 'Approve and continue' }).click()
  await goalIsMet(page)
})

test('all that waits for a person is on one page, and counted on every other', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond, gated)
  await client.until(runId, 'waiting')
  await page.goto('/runs')
  const nav = page.getByRole('navigation', { name: 'Main' })
  await expect(nav.getByRole('link', { name: /Needs you.*1 waiting/ })).toBeVisible()
  await nav.getByRole('link', { name: /Needs you/ }).click()
  await page.getByRole('listitem').getByRole('link', { name: 'make it work' }).click()
  await expect(gateOf(page)).toBeVisible()
  await gateOf(page).getByRole('button', { name: 'Approve and continue' }).click()
  await goalIsMet(page)
  await expect(nav.getByRole('link', { name: /waiting/ })).toBeHidden()
})
