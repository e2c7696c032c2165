import { patch } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const lookThenRepair = [
  turn([text('I have only looked so far.')]),
  turn([patch('app.txt', 'broken', 'works')]),
  turn([text('Repaired.')]),
]

test('a run whose budget is spent is extended from its page, and goes on where it stopped', async ({
  page,
  startRun,
  client,
  stage,
  expected,
}) => {
  expected.push(/422/)
  const { run_id: runId, cwd } = await startRun(lookThenRepair, { max_iterations: 1 })
  await client.until(runId, 'exhausted')
  await page.goto(`/runs/${runId}`)
  const extend = page.getByRole('region', { name: 'Extend' })
  await extend.getByRole('button', { name: 'Extend' }).click()
  const iterations = extend.getByLabel('Iterations')
  await iterations.fill('0')
  await extend.getByRole('button', { name: 'Go on' }).click()
  await expect(iterations).toHaveAccessibleDescription(/1 to 1000/)
  await iterations.fill('3')
  await extend.getByRole('button', { name: 'Go on' }).click()
  await expect(page).not.toHaveURL(new RegExp(runId))
  await expect(page.getByRole('main')).toContainText('The goal is met in 2 iterations')
  const next = page.url().split('/').at(-1)!
  expect(await client.run(next)).toMatchObject({ continues: runId, max_iterations: 3, status: 'achieved' })
  expect(JSON.stringify(stage.requests(cwd).at(-1)?.body)).toContain('I have only looked so far.')
  expect((await client.run(runId)).status).toBe('exhausted')
})
