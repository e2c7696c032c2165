import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bash, patch } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

/** Three iterations; the third waits for the story. */
const script = [
  turn([toolUse('file_write', { path: 'first.txt', content: 'of the first\n' })]),
  turn([text('First done.')]),
  turn([toolUse('file_write', { path: 'second.txt', content: 'of the second\n' })]),
  turn([text('Second done.')]),
  turn([bash('until test -e go-on; do sleep 0.05; done'), patch('app.txt', 'broken', 'works')]),
  turn([text('Third done.')]),
]

test('an iteration that is chosen is what all tabs show, until the reader is back at live', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId, cwd } = await startRun(script)
  await page.goto(`/runs/${runId}`)
  const stream = page.getByRole('region', { name: 'Events' })
  await expect(stream).toContainText('until test -e go-on')
  const rail = page.getByRole('navigation', { name: 'Iterations' })
  await rail.getByRole('button', { name: /^Iteration 2/ }).click()
  await expect(page).toHaveURL(/[?&]iter=2/)
  await expect(page.getByText('Viewing iteration 2')).toBeVisible()
  await expect(stream).toContainText('second.txt')
  await expect(stream).not.toContainText('first.txt')
  await expect(stream).not.toContainText('go-on')

  const view = page.getByRole('tabpanel')
  const files = view.getByRole('navigation', { name: 'Changed files' })
  await page.keyboard.press('2')
  await expect(files).toContainText('second.txt')
  await expect(files).not.toContainText('first.txt')
  // What stands at the end of the second, from where the run began.
  await view.getByRole('button', { name: 'Since the start' }).click()
  await expect(files).toContainText('first.txt')
  await page.keyboard.press('3')
  await expect(view).toContainText('Iteration 2')
  await expect(view).not.toContainText('Baseline')
  await page.keyboard.press('4')
  await expect(view.getByRole('button', { name: 'Calls of iteration 2' })).toBeVisible()
  await expect(view.getByRole('button', { name: 'Calls of iteration 3' })).toBeHidden()

  // With ⇧, all from one to the other.
  await page.keyboard.press('2')
  await rail.getByRole('button', { name: /^Iteration 1/ }).click({ modifiers: ['Shift'] })
  await expect(page).toHaveURL(/iter=2&from=1/)
  await expect(page.getByText('Viewing iterations 1 to 2')).toBeVisible()
  await expect(files).toContainText('first.txt')

  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/iter=/)
  await page.keyboard.press('1')
  await writeFile(path.join(cwd, 'go-on'), '')
  await client.until(runId, 'achieved')
  await expect(stream).toContainText('The goal is met')
  const ended = page.getByRole('region', { name: 'The run has ended' })
  await expect(ended.getByRole('button', { name: 'Run again' })).toBeVisible()
  await expect(ended.getByRole('link', { name: 'Compare' })).toHaveAttribute('href', `/compare?a=${runId}`)
})
