// What leaves is what was there: read again elsewhere, it is the same run and the same change.
import { execFileSync } from 'node:child_process'
import { copyFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { createRunView } from '#lib/contract/run-view'
import { makeProject, repairShellAtSecond, SHELL_PROJECT } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

async function save(page: Page, format: string): Promise<string> {
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export the run' }).click()
  await page.getByRole('menuitem', { name: new RegExp(`^${format}`) }).click()
  return (await saved).path()
}

test('the events of an export are the journal, its report says how the run ended, and its patch repairs another checkout', async ({
  page,
  startRun,
  client,
  request,
}) => {
  const { run_id: runId } = await startRun(repairShellAtSecond)
  const run = await client.until(runId, 'achieved')

  const events = await client.events(runId)
  const ndjson = await request.get(`/api/runs/${runId}/events`, {
    headers: { accept: 'application/x-ndjson' },
  })
  const lines = (await ndjson.text()).trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual(events)
  // A run's page made of it says the same as the server: nothing is only in its tables.
  const view = createRunView()
  view.append(lines.map(line => JSON.parse(line)))
  const served = await client.ok<{ iteration: number; tokens: number }[]>(
    'GET',
    `/api/runs/${runId}/iterations`,
  )
  expect(view.iterations.map(({ iteration, tokens }) => [iteration, tokens])).toEqual(
    served.map(({ iteration, tokens }) => [iteration, tokens]),
  )

  await page.goto(`/runs/${runId}?tab=checks`)
  const report = await readFile(await save(page, 'Markdown'), 'utf8')
  expect(report).toContain(run.goal)
  expect(report).toMatch(/achieved/i)
  const whole = JSON.parse(await readFile(await save(page, 'JSON'), 'utf8')) as { run: { run_id: string } }
  expect(whole.run.run_id).toBe(runId)

  const copy = await makeProject(SHELL_PROJECT)
  const check = () => execFileSync('sh', ['check.sh'], { cwd: copy.path, encoding: 'utf8', stdio: 'pipe' })
  expect(check).toThrow()
  await copyFile(await save(page, 'Patch'), path.join(copy.path, 'run.patch'))
  execFileSync('git', ['apply', 'run.patch'], { cwd: copy.path, stdio: 'pipe' })
  expect(check()).toContain('fine')
  await copy.remove()
})
