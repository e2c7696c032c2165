import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bash, repairShell } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

/** A long output, then a command that waits for the story. */
const held = [
  turn([text('I look first.'), bash('seq 1 300; echo the last line')]),
  turn([text('Now I wait.'), bash('until test -e go-on; do sleep 0.05; done')]),
  ...repairShell,
]

test('one event is shown whole beside the stream, in a pane that stays as it was left', async ({
  page,
  startRun,
  request,
}) => {
  const { run_id: runId } = await startRun(held)
  await page.setViewportSize({ width: 1440, height: 800 })
  await page.goto(`/runs/${runId}`)
  const stream = page.getByRole('region', { name: 'Events' })
  await expect(stream).toContainText('until test -e go-on')
  const pane = page.getByRole('complementary', { name: 'Inspector' })
  await page.keyboard.press('i')
  // Nothing is chosen yet: what happened last.
  await expect(pane).toContainText('the newest')
  await expect(pane).toContainText('until test -e go-on')

  await stream.getByRole('button', { name: /seq 1 300/ }).click()
  await expect(pane.getByRole('region', { name: 'Output, end' })).toContainText('the last line')
  await expect(page).toHaveURL(/[?&]ev=\d+/)
  const ev = Number(new URL(page.url()).searchParams.get('ev'))
  await expect(pane).toContainText(`Event ${ev}`)
  await pane.getByRole('button', { name: /^Show all/ }).click()
  const whole = page.getByRole('dialog', { name: `Output of event ${ev}` })
  await expect(whole).toContainText('150')
  await page.keyboard.press('Escape')
  await expect(whole).toBeHidden()
  await pane.getByRole('tab', { name: 'Raw JSON' }).click()
  await expect(pane).toContainText('"kind": "tool_result"')

  // Made wider with the keys, it is as wide in the first HTML of the next page.
  const line = page.getByRole('separator', { name: 'Width of the inspector' })
  await line.focus()
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('ArrowLeft')
  await expect.poll(async () => (await pane.boundingBox())?.width).toBe(432)
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'retrai_panes')
  const html = await (
    await request.get(page.url(), { headers: { cookie: `retrai_panes=${cookie?.value}` } })
  ).text()
  expect(html).toMatch(/<aside id="inspector"[^>]+w-\[432px\]/)
  await page.reload()
  await expect(pane).toContainText(`Event ${ev}`)
  expect((await pane.boundingBox())?.width).toBe(432)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.setViewportSize({ width: 1440, height: 800 })
  await line.focus()
  await page.keyboard.press('Enter')
  await expect(pane).toBeHidden()
  await page.keyboard.press('i')
  await expect(pane).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(pane).toBeHidden()

  // On a phone it is a sheet, and «back» closes it.
  await page.setViewportSize({ width: 390, height: 844 })
  await stream.getByRole('button', { name: /seq 1 300/ }).click()
  await stream.getByRole('button', { name: 'Details' }).click()
  const sheet = page.getByRole('dialog', { name: 'Inspector' })
  await expect(sheet).toContainText('Copy command')
  await page.goBack()
  await expect(sheet).toBeHidden()
  await expect(page).toHaveURL(new RegExp(`/runs/${runId}`))
})

test('all of a run is also there as plain text, which nothing can be hidden in', async ({
  page,
  startRun,
  client,
  request,
  expected,
}) => {
  expected.push(/favicon\.ico/) // a text names no icon, and the browser asks for the usual one
  const { run_id: runId } = await startRun([
    turn([text('<script>alert(1)</script>'), bash("printf '\\033]0;title\\007\\033[31mred\\033[0m\\n'")]),
    ...repairShell,
  ])
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}?view=all`)
  await page.getByRole('link', { name: 'Raw' }).click()
  await expect(page.getByText('<script>alert(1)</script>')).toBeVisible()
  const raw = await request.get(`/runs/${runId}/raw`)
  expect(raw.headers()).toMatchObject({
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
  expect(await raw.text()).toMatch(/ {4}.*red\n/)
  expect(await raw.text()).not.toMatch(/[\u001b\u0007\u202e]/)
  const lines = (await (await request.get(`/runs/${runId}/raw?format=ndjson`)).text()).trim().split('\n')
  const { last_seq: last } = await client.run(runId)
  expect(lines.map(line => JSON.parse(line).seq)).toEqual(Array.from({ length: last }, (_, i) => i + 1))
  expect((await request.get('/runs/unknown/raw')).status()).toBe(404)
  expect((await request.get(`/runs/${runId}/raw?format=html`)).status()).toBe(400)
})

test('a note is pending until the agent has it, and a limit that is changed says from when on', async ({
  page,
  startRun,
  stage,
  client,
  expected,
}) => {
  expected.push(/422/) // a limit that the server refuses
  const { run_id: runId, cwd } = await startRun(held)
  await page.goto(`/runs/${runId}`)
  await expect(page.getByRole('region', { name: 'Events' })).toContainText('until test -e go-on')
  const note = page.getByRole('textbox', { name: 'Note to the agent' })
  await note.fill('keep the public API')
  await page.reload()
  // The draft is kept.
  await expect(note).toHaveValue('keep the public API')
  await note.press('Control+Enter')
  const form = page.getByRole('form', { name: 'Note to the agent' })
  await expect(form).toContainText('1 note not read yet')

  await page.getByRole('button', { name: 'Change the limits' }).click()
  const iterations = page.getByRole('textbox', { name: 'Iterations' })
  await expect(iterations).toBeFocused()
  const cost = page.getByRole('textbox', { name: 'Cost in USD' })
  await cost.fill('plenty')
  await page.keyboard.press('Enter')
  await expect(cost).toHaveAccessibleDescription('must be a number')
  await cost.fill('')
  await iterations.fill('0')
  await page.keyboard.press('Enter')
  await expect(iterations).toHaveAccessibleDescription('must be 1 to 1000')
  await iterations.fill('30')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Saved: it holds from the next step on.')).toBeVisible()
  await expect(page.getByRole('meter', { name: 'Iterations' })).toHaveAttribute('aria-valuetext', '1/30')
  expect(await client.run(runId)).toMatchObject({ max_iterations: 30, max_cost_usd: null })

  await page.keyboard.press('Escape')
  await page.getByRole('tab', { name: /^Activity/ }).click()
  await writeFile(path.join(cwd, 'go-on'), '')
  await expect(page.getByRole('main')).toContainText('The goal is met')
  expect(JSON.stringify(stage.requests(cwd).at(-1)?.body)).toContain('keep the public API')
  await page.getByRole('tab', { name: 'Config' }).click()
  await expect(form).toContainText('The run has ended: no note reaches the agent any more')
  await expect(form.getByRole('button', { name: /^Send/ })).toHaveAttribute('aria-disabled', 'true')
})
