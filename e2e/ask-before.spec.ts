import { text, toolUse, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const push = [
  turn([toolUse('bash_exec', { command: 'git push origin \u202emain && echo yes > app.txt' })]),
  turn([text('I was not allowed to.')]),
]

test('a command that needs approval is shown as it is, with what hides in it, and denied', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(push, { max_iterations: 1 })
  await client.until(runId, 'waiting')
  await page.goto('/needs-you')
  const entry = page.getByRole('listitem').filter({ hasText: 'wants to run a command' })
  await expect(entry).toContainText('git push origin ⟨U+202E⟩main')
  await entry.getByRole('link').click()
  const gate = page.getByRole('region', { name: 'Needs you: a command to approve' })
  await expect(gate.getByRole('region', { name: 'Command' })).toContainText(
    '$ git push origin ⟨U+202E⟩main && echo yes',
  )
  await expect(gate).toContainText('sends commits to another place')
  await gate.getByRole('button', { name: 'Deny' }).click()
  await expect(gate).toBeHidden()
  await client.until(runId, 'exhausted')
  await expect(page.getByRole('main')).toContainText('Denied by dashboard')
})

test('settings that came with a project are read and accepted before the run begins', async ({
  page,
  project,
  client,
}) => {
  const cwd = await project({ '.retrai.yml': 'goal: Be there\ncheck_command: test -f .retrai.yml\n' })
  const { run_id: runId } = await client.start({ goal: '', cwd })
  await client.until(runId, 'waiting')
  await page.goto(`/runs/${runId}`)
  const gate = page.getByRole('region', { name: 'Needs you: settings to accept' })
  await expect(gate.getByRole('region', { name: 'Command it would run' })).toContainText(
    '$ test -f .retrai.yml',
  )
  await gate.getByRole('button', { name: 'Accept and start' }).click()
  await expect(page.getByRole('main')).toContainText('The goal was met before anything was changed')
  expect((await client.run(runId)).status).toBe('achieved')
})

test('a check by hand shows settings that nobody has accepted, and runs once they are', async ({
  page,
  project,
  expected,
}) => {
  expected.push(/409/)
  const cwd = await project({ '.retrai.yml': 'goal: Be there\ncheck_command: test -f .retrai.yml\n' })
  await page.goto(`/runs/new?cwd=${encodeURIComponent(cwd)}`)
  await page.getByRole('button', { name: 'Check now' }).click()
  const settings = page.getByRole('region', { name: 'Settings to accept' })
  await expect(settings).toContainText('check_command: test -f .retrai.yml')
  await settings.getByRole('button', { name: 'Accept and check' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Already met' })).toBeVisible()
})

test('a file that other programs obey stands in the activity and at the gate', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(
    [turn([toolUse('bash_exec', { command: 'echo touch x > .envrc' })]), turn([text('Done.')])],
    { hitl_enabled: true },
  )
  await client.until(runId, 'waiting')
  await page.goto(`/runs/${runId}`)
  const gate = page.getByRole('region', { name: /^Needs you: gate after iteration 1/ })
  await expect(gate).toContainText('Changes what other programs obey: .envrc was created')
  await expect(page.getByRole('main')).toContainText('.envrc was created: a shell or tool manager runs it')
})
