import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bash, patch, runCheck } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const TURNS = 30
/** From here on the run waits for the story: how fast pages and commands are does not decide which is first. */
const HELD_AT = 15
const step = (index: number) =>
  `${index < HELD_AT ? '' : 'until test -e go-on; do sleep 0.05; done; '}echo output ${index};`
const long = [
  ...Array.from({ length: TURNS }, (_, index) => turn([text(`Step ${index + 1}.`), bash(step(index + 1))])),
  turn([patch('app.txt', 'broken', 'works')]),
  turn([runCheck()]),
]

test('events appear as they happen, and the newest stay in sight until the reader looks back', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId, cwd } = await startRun(long)
  await page.goto(`/runs/${runId}`)
  const activity = page.getByRole('region', { name: 'Activity' })
  const row = (text: string) => activity.getByRole('button', { name: text }).first()
  await expect(row('echo output 14;')).toBeInViewport()

  // Who looks back is left there, and told what came.
  await activity.getByRole('button', { name: /^Pause following/ }).click()
  await activity.getByRole('list').first().hover()
  await page.mouse.wheel(0, -4000)
  await expect(row('echo output 1;')).toBeInViewport()
  await writeFile(path.join(cwd, 'go-on'), '')
  const newest = activity.getByRole('button', { name: /^\d+ new$|^Newest$/ })
  await expect(newest).toBeVisible()
  await client.until(runId, 'achieved')
  await expect(row('echo output 1;')).toBeInViewport()
  await newest.click()
  await expect(
    activity.getByText('The goal is met').or(row('asked for the goal’s check')).first(),
  ).toBeInViewport()
  await expect(page.getByRole('main')).toContainText('The goal is met in 1 iteration')
  await expect(page).toHaveTitle(/^Achieved/i)
})

test('a page that was cut off comes back by itself, with everything that happened meanwhile', async ({
  page,
  startRun,
  client,
  expected,
}) => {
  expected.push(/ERR_INTERNET_DISCONNECTED/)
  const { run_id: runId, cwd } = await startRun(long)
  await page.goto(`/runs/${runId}`)
  const activity = page.getByRole('region', { name: 'Activity' })
  await expect(activity.getByRole('button', { name: 'echo output 2;' }).first()).toBeVisible()
  await page.context().setOffline(true)
  await writeFile(path.join(cwd, 'go-on'), '')
  await client.until(runId, 'achieved')
  await page.context().setOffline(false)
  await expect(page.getByRole('main')).toContainText('The goal is met in 1 iteration', { timeout: 30_000 })
  const { last_seq: last } = await client.run(runId)
  await expect(page.getByRole('tab', { name: /^Activity/ })).toContainText(String(last))
  await expect(activity.getByText(/events? missing/)).toBeHidden()
})

test('the tabs show what changed, what the checks said, what it cost and how it was asked for', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun([turn([patch('app.txt', 'broken', 'works')]), turn([runCheck()])])
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}`)
  const view = page.getByRole('tabpanel')
  await page.getByRole('tab', { name: /^Changes/ }).click()
  await expect(page).toHaveURL(/tab=changes/)
  await expect(view.getByText('app.txt').first()).toBeVisible()
  await page.getByRole('tab', { name: /^Checks/ }).click()
  await expect(view.getByText('sh check.sh').first()).toBeVisible()
  await page.getByRole('tab', { name: /^Usage/ }).click()
  await expect(view.getByText(/token/i).first()).toBeVisible()
  await page.getByRole('tab', { name: /^Config/ }).click()
  await expect(view.getByText('claude-sonnet-4-6').first()).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('tab', { name: /^Usage/ })).toHaveAttribute('aria-selected', 'true')
})
