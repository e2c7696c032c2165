import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { bash, NODE_PROJECT, patch, repairShellAtSecond } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
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

/** `retrai` against this story's server; its exit code. */
async function retrai(server: string, ...argv: string[]): Promise<number> {
  const env = { ...process.env, RETRAI_SERVER: server, RETRAI_SKIP_BUILD: '1' }
  const child = spawn(process.execPath, ['bin/retrai.mjs', ...argv], { env, stdio: 'ignore' })
  const [code] = await once(child, 'close')
  return Number(code)
}

test('a gate is approved with ⌘↵ from its note, and by the command line while the page looks on', async ({
  page,
  startRun,
  baseURL,
}) => {
  const first = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${first.run_id}`)
  const note = gateOf(page).getByRole('textbox', { name: /^Note to the agent/ })
  await note.fill('as you like')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(gateOf(page)).toBeHidden()
  await goalIsMet(page)

  const second = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${second.run_id}`)
  await expect(gateOf(page)).toBeVisible()
  expect(await retrai(baseURL!, 'approve', second.run_id, '--note', 'from a terminal')).toBe(0)
  await expect(gateOf(page)).toBeHidden()
  await expect(page.getByRole('main')).toContainText(/Approved by cli.*“from a terminal”/)
  await goalIsMet(page)
  // And who comes later is told by its exit code.
  expect(await retrai(baseURL!, 'approve', second.run_id, '--undo')).toBe(6)
})

/** Iterations that each wait for a file of their number, so that the story says when they end. */
const heldIterations = Array.from({ length: 4 }, (_, i) => [
  turn([bash(`until test -e go-${i + 1}; do sleep 0.05; done; echo ${i} > made-${i + 1}.txt`)]),
  turn([text(`Iteration ${i + 1} is done.`)]),
]).flat()

test('gates to come are approved beforehand; the page says so, and asks again when it is told to', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId, cwd } = await startRun(heldIterations, { ...gated, max_iterations: 4 })
  const letGo = (n: number) => writeFile(path.join(cwd, `go-${n}`), '')
  await letGo(1)
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await gate.getByLabel('How many iterations more').selectOption({ label: 'the next 2 iterations' })
  await gate.getByRole('button', { name: 'Approve, don’t ask for' }).click()
  await expect(gate).toBeHidden()
  const skipped = page.getByRole('status').filter({ hasText: 'gates are skipped' })
  await expect(skipped).toContainText('for the next 2 iterations')
  await letGo(2)
  await expect(skipped).toContainText('for the next iteration')
  await skipped.getByRole('button', { name: 'Ask again' }).click()
  await expect(skipped).toBeHidden()
  await letGo(3)
  await expect(page.getByRole('region', { name: 'Needs you: gate after iteration 3' })).toBeVisible()
  expect(await client.run(runId)).toMatchObject({ iteration: 3, gates_skipped_until: null })
})

test('an iteration is undone at its gate: asked once more, then its files are gone and the agent goes on', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId, cwd } = await startRun(repairShellAtSecond, gated)
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await gate.getByRole('textbox', { name: /^Note to the agent/ }).fill('no notes, please')
  await gate.getByRole('button', { name: 'Undo this iteration' }).click()
  await expect(gate.getByRole('button', { name: 'Cancel' })).toBeFocused()
  await page.keyboard.press('Enter')
  expect(await readdir(cwd)).toContain('notes.txt')
  await gate.getByRole('button', { name: 'Undo this iteration' }).click()
  await gate.getByRole('button', { name: 'Undo and go on' }).click()
  await expect(gate).toBeHidden()
  await expect(page.getByRole('main')).toContainText('Iteration 1 was undone: 1 file as before it')
  await expect(page.getByRole('main')).toContainText(/Undone by dashboard.*“no notes, please”/)
  await goalIsMet(page)
  expect(await readdir(cwd)).not.toContain('notes.txt')
  expect((await client.run(runId)).insertions).toBe(1)
})

test('what becomes of a gate that nobody answers is said, in time to be changed, and then it happens', async ({
  page,
  startRun,
  client,
}) => {
  const gate_policy = { mode: 'each', timeout_minutes: 30 }
  const { run_id: runId } = await startRun(repairShellAtSecond, { gate_policy })
  const after = (minutes: number) =>
    client.ok('PATCH', `/api/runs/${runId}/config`, { body: { gate_policy: { timeout_minutes: minutes } } })
  await page.goto(`/runs/${runId}`)
  const gate = gateOf(page)
  await expect(gate).toContainText(/If nobody answers it is aborted in (29|28):\d\d/)
  await gate.getByRole('button', { name: '30 minutes more' }).click()
  await expect(gate).toContainText(/aborted in (59|58):\d\d/)
  await after(5)
  const told = gate.getByRole('status').filter({ hasText: 'if nobody answers' })
  await expect(told).toHaveText('The gate is aborted in 5 minutes if nobody answers.')
  await after(1)
  await expect(told).toHaveText('The gate is aborted in 1 minute if nobody answers.')
  await after(0.01)
  await expect(gate).toBeHidden()
  await expect(page.getByRole('main')).toContainText('Aborted at the gate by timeout')
  expect((await client.run(runId)).status).toBe('aborted')
})

test('only what has something to look at stops the run: an assertion that is gone', async ({
  page,
  project,
  client,
}) => {
  const cwd = await project(NODE_PROJECT, [
    turn([text('I look.')]),
    turn([patch('test/add.test.mjs', "test('adds nothing', () => assert.equal(add(2, 0), 2))\n", '')]),
    turn([text('One test less.')]),
    turn([patch('src/add.mjs', 'a - b', 'a + b')]),
    turn([text('Repaired.')]),
  ])
  const { run_id: runId } = await client.start({ goal: 'npm-test', cwd, gate_policy: 'flags' })
  await page.goto(`/runs/${runId}`)
  const gate = page.getByRole('region', { name: 'Needs you: gate after iteration 2' })
  await expect(gate).toContainText('Removes assertions')
  await expect(gate).toContainText('test/add.test.mjs has 1 assertions, 2 at the start.')
  await gate.getByRole('button', { name: 'Approve and continue' }).click()
  await client.until(runId, 'achieved')
})

test('a tab that nobody looks at is marked when a gate opens: in its title and its icon', async ({
  page,
  startRun,
}) => {
  await page.addInitScript(() => {
    for (const [name, value] of [
      ['visibilityState', 'hidden'],
      ['hidden', true],
    ] as const)
      Object.defineProperty(document, name, { get: () => value })
  })
  const { run_id: runId, cwd } = await startRun(heldIterations, gated)
  await page.goto(`/runs/${runId}`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page).toHaveTitle(/^(?!✋)/)
  await writeFile(path.join(cwd, 'go-1'), '')
  await expect(page).toHaveTitle(/^✋1 · /)
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute('href', '/icon-needs-you.svg')
  await expect(gateOf(page)).toBeVisible()
})
