import { spawn } from 'node:child_process'
import { NODE_PROJECT, patch, repairShell, runCheck, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const repairNode = [
  turn([text('I repair the sum.'), patch('src/add.mjs', 'a - b', 'a + b')]),
  turn([runCheck()]),
]

test('a run is started from the form: its goal is found in the directory, checked first, and reached', async ({
  page,
  project,
  client,
}) => {
  const cwd = await project(NODE_PROJECT, repairNode)
  await page.goto('/runs')
  await page
    .getByRole('link', { name: /^New run/ })
    .first()
    .click()
  const form = page.getByRole('form', { name: 'New run' })
  await form.getByLabel('Project directory').fill(cwd)
  await expect(form.getByText('found').first()).toBeVisible()
  await expect(form.getByRole('radio', { checked: true })).toHaveAccessibleName(/npm test passes/)

  await form.getByRole('button', { name: 'Check now' }).click()
  await expect(form.getByText('1 failing of 2')).toBeVisible()

  await form.getByRole('button', { name: /^Start run/ }).click()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  await expect(page.getByRole('main')).toContainText('The goal is met in 1 iteration')
  const runId = page.url().split('/').at(-1)!
  expect(await client.run(runId)).toMatchObject({ goal: 'npm-test', cwd, status: 'achieved' })

  await page.getByRole('button', { name: 'More', exact: true }).click()
  await page.getByRole('menuitem', { name: /^Run again/ }).click()
  await expect(page).not.toHaveURL(new RegExp(runId))
  const again = page.url().split('/').at(-1)!
  expect(await client.until(again, 'achieved')).toMatchObject({ goal: 'npm-test', cwd, iteration: 0 })
})

test('what is wrong stands at its field, and the first of them has the focus', async ({
  page,
  client,
  expected,
}) => {
  expected.push(/422/)
  const before = (await client.list()).length
  await page.goto('/runs/new')
  const form = page.getByRole('form', { name: 'New run' })
  const directory = form.getByLabel('Project directory')
  await directory.fill('/no/such/directory')
  await expect(form.getByText('/no/such/directory').first()).toBeVisible()
  await form.getByText('In my own words').click()
  await form.getByLabel('What is to be achieved').fill('make it work')
  await form.getByLabel(/^Command/).fill('sh check.sh')
  await form.getByLabel('Iterations').fill('-5')
  await form.getByRole('button', { name: /^Start run/ }).click()
  // What can be said without the server is said at once.
  const iterations = form.getByLabel('Iterations')
  await expect(iterations).toHaveAttribute('aria-invalid', 'true')
  await expect(iterations).toHaveAccessibleDescription(/1 to 1000/)
  await expect(iterations).toBeFocused()

  await iterations.fill('3')
  await form.getByRole('button', { name: /^Start run/ }).click()
  await expect(directory).toHaveAttribute('aria-invalid', 'true')
  await expect(directory).toHaveAccessibleDescription(/\/no\/such\/directory/)
  await expect(directory).toBeFocused()
  expect((await client.list()).length).toBe(before)
})

test('the command beside the form starts the same run, as it stands', async ({ page, project, client }) => {
  const cwd = await project(SHELL_PROJECT, repairShell)
  await page.goto(`/runs/new?cwd=${encodeURIComponent(cwd)}`)
  const form = page.getByRole('form', { name: 'New run' })
  await form.getByText('In my own words').click()
  await form.getByLabel('What is to be achieved').fill("make it work, don't ask")
  await form.getByLabel(/^Command/).fill('sh check.sh')
  await form.getByLabel('Iterations').fill('7')
  await form.getByLabel('Human gate').selectOption('each')
  await form.getByLabel('If nobody answers').selectOption('abort')
  await form.getByLabel('After, minutes').fill('45')
  const curl = await page.getByRole('region', { name: 'API call with curl' }).textContent()
  const printed = await shell(curl ?? '')
  const { run_id: runId } = JSON.parse(printed) as { run_id: string }
  expect(await client.run(runId)).toMatchObject({
    goal: "make it work, don't ask",
    check_command: 'sh check.sh',
    cwd,
    max_iterations: 7,
    hitl_enabled: true,
    gate_policy: { mode: 'each', timeout_minutes: 45, on_timeout: 'abort' },
  })
  await client.until(runId, 'achieved', 'waiting')
})

test('a double click on the button starts one run', async ({ page, project, client }) => {
  const cwd = await project(SHELL_PROJECT, repairShell)
  await page.goto(`/runs/new?cwd=${encodeURIComponent(cwd)}`)
  const form = page.getByRole('form', { name: 'New run' })
  await form.getByText('In my own words').click()
  await form.getByLabel('What is to be achieved').fill('make it work')
  await form.getByLabel(/^Command/).fill('sh check.sh')
  await form.getByRole('button', { name: /^Start run/ }).dblclick()
  await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
  expect(await client.list(`?cwd=${encodeURIComponent(cwd)}`)).toHaveLength(1)
})

function shell(command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.once('error', reject)
    child.once('close', code =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}`)),
    )
  })
}
