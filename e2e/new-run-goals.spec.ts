// Goals of a new run beyond one by name: several, with settings, or left to the project.
import { NODE_PROJECT, patch, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expectFitsEverywhere } from './fits-everywhere.ts'
import { expect, test } from './fixtures.ts'

// Each of these looks at its page in eight states and runs real checks.
test.setTimeout(180_000)

test('two goals are checked together, and the command line says the same', async ({
  page,
  project,
  client,
}) => {
  const cwd = await project({ ...NODE_PROJECT, ...SHELL_PROJECT }, [
    turn([patch('src/add.mjs', 'a - b', 'a + b'), patch('app.txt', 'broken', 'works')]),
    turn([text('Both hold.')]),
  ])
  await page.goto(`/runs/new?cwd=${encodeURIComponent(cwd)}`)
  const form = page.getByRole('form', { name: 'New run' })
  await expect(form.getByText('found').first()).toBeVisible()
  await form.getByRole('button', { name: 'Another goal that must hold' }).click()
  const second = form.getByRole('group', { name: 'and goal 2' })
  await second.getByLabel('Goal', { exact: true }).fill('shell-goal')
  await second.getByLabel('Its command').fill('sh check.sh')
  await form.getByText('Advanced').click()
  await form.getByLabel('Run a green check again, times').fill('1')
  const aside = page.getByRole('complementary', { name: 'The same from a terminal' })
  await expect(aside.getByRole('region', { name: 'Command line' })).toContainText(
    'retrai run npm-test --and shell-goal',
  )
  await expect(aside.getByRole('region', { name: 'Command line' })).toContainText('--confirm 1')
  await expectFitsEverywhere(page, 'two-goals')
  await form.getByRole('button', { name: 'Check now' }).click()
  await expect(form.getByText(/failing of/).first()).toBeVisible()
  await form.getByRole('button', { name: /^Start run/ }).click()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  const runId = page.url().split('/').at(-1)!
  await client.until(runId, 'achieved')
  await expect(page.getByRole('main')).toContainText('The goal is met in 1 iteration')
  expect(await client.run(runId)).toMatchObject({
    goals: [{ goal: 'npm-test' }, { goal: 'shell-goal', check_command: 'sh check.sh' }],
    confirm: 1,
  })
  await page.goto(`/runs/${runId}?tab=checks`)
  await expect(page.getByRole('region', { name: 'Goals' })).toContainText('2 of 2 goals met')
  await expectFitsEverywhere(page, 'parts')
  // The same once more, from its form.
  await page.goto(`/runs/new?from=${runId}`)
  await expect(second.getByLabel('Its command')).toHaveValue('sh check.sh')
})

test('the goal is left to the project, which says what it would be', async ({ page, project, client }) => {
  const cwd = await project(NODE_PROJECT, [
    turn([patch('src/add.mjs', 'a - b', 'a + b')]),
    turn([text('It adds.')]),
  ])
  await page.goto(`/runs/new?cwd=${encodeURIComponent(cwd)}`)
  const form = page.getByRole('form', { name: 'New run' })
  await form.getByText('The project decides').click()
  await expect(form).toContainText('Found now: npm-test')
  await expect(page.getByRole('region', { name: 'API call with curl' })).toContainText('"goal": ""')
  await form.getByRole('button', { name: 'Check now' }).click()
  await expect(form.getByText('1 failing of 2')).toBeVisible()
  await form.getByRole('button', { name: /^Start run/ }).click()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  expect(await client.until(page.url().split('/').at(-1)!, 'achieved')).toMatchObject({
    goal: 'npm-test',
    cwd,
  })
})

test('settings of a goal are fields of the form, and a sentence without a command is marked as judged', async ({
  page,
  project,
}) => {
  const cwd = await project(SHELL_PROJECT)
  await page.goto(`/runs/new?cwd=${encodeURIComponent(cwd)}`)
  const form = page.getByRole('form', { name: 'New run' })
  await form.getByRole('button', { name: /^\d+ more…$/ }).click()
  await form.locator('label').filter({ hasText: 'A judge gives enough points' }).click()
  const settings = form.getByRole('group', { name: 'Settings of this goal' })
  await settings.getByLabel('rubric').fill('clear words')
  await settings.getByLabel('target (optional)').fill('90')
  const commandLine = page.getByRole('region', { name: 'Command line' })
  await expect(commandLine).toContainText("--option 'rubric=clear words' --option target=90")
  await expectFitsEverywhere(page, 'settings')
  await form.getByText('In my own words').click()
  await form.getByLabel('What is to be achieved').fill('make the text friendly')
  await expect(form.getByText('judged by a model')).toBeVisible()
  await form.getByLabel(/^Command/).fill('sh check.sh')
  await expect(form.getByText('judged by a model')).toBeHidden()
})
