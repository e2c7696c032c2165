import { appendFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bash, repairShell } from '#lib/testing/make-project'
import { toolUse, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const script = [
  turn([
    toolUse('file_write', { path: 'src/cart.py', content: 'def total(items):\n    return 1\n' }),
    toolUse('file_write', { path: 'tests/test_cart.py', content: 'def test_total():\n    assert True\n' }),
  ]),
  turn([bash('until test -e go-on; do sleep 0.05; done')]),
  ...repairShell,
]

test('the changes are reviewed by keyboard, and what is said about a line reaches the agent', async ({
  page,
  startRun,
  stage,
}) => {
  const { run_id: runId, cwd } = await startRun(script)
  await page.goto(`/runs/${runId}`)
  await expect(page.getByRole('region', { name: 'Events' })).toContainText('until test -e go-on')
  await page.keyboard.press('2')
  const files = page.getByRole('navigation', { name: 'Changed files' })
  const diffOf = (name: string) => page.getByRole('region', { name: `Diff of ${name}` })
  await expect(diffOf('src/cart.py')).toContainText('def total')
  await files.getByRole('button', { name: 'Tests only' }).click()
  await expect(diffOf('src/cart.py')).toBeHidden()
  await expect(diffOf('tests/test_cart.py')).toBeVisible()
  await files.getByRole('button', { name: 'All', exact: true }).click()

  // From file to file, and on to its lines; the address follows.
  await page.keyboard.press('.')
  await expect(page).toHaveURL(/file=src%2Fcart\.py/)
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await expect(page).toHaveURL(/file=src%2Fcart\.py%23L2/)
  await expect(diffOf('src/cart.py').locator('tr[aria-current=true]')).toContainText('return 1')
  await page.keyboard.press('c')
  const field = page.getByRole('textbox', { name: 'Comment on this line, for the agent' })
  await field.fill('Sum the prices.')
  await field.press('Control+Enter')
  await expect(diffOf('src/cart.py')).toContainText('Sum the prices.')
  await page.keyboard.press('u')
  await expect(diffOf('src/cart.py').getByRole('row', { name: /return 1/ })).toBeVisible()

  // A tick stays over a reload, and goes when the file changes again.
  await page.keyboard.press('m')
  const viewed = page.getByRole('checkbox', { name: 'Viewed: src/cart.py' })
  await expect(viewed).toBeChecked()
  await page.reload()
  await expect(viewed).toBeChecked()
  await appendFile(path.join(cwd, 'src/cart.py'), '# more\n')
  await page.getByRole('button', { name: 'Look at the directory again' }).click()
  await expect(viewed).not.toBeChecked()

  const comments = page.getByRole('region', { name: 'Comments for the agent' })
  await comments.getByRole('button', { name: 'Send as a note' }).click()
  await expect(comments).toContainText('Sent: the agent reads it before its next model call.')
  await writeFile(path.join(cwd, 'go-on'), '')
  await expect(page.getByRole('main')).toContainText('The goal is met')
  const asked = stage
    .requests(cwd)
    .map(({ body }) => JSON.stringify(body))
    .join('\n')
  expect(asked).toContain('src/cart.py:2')
  expect(asked).toContain('Sum the prices.')
})
