import { bash, patch, runCheck } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expect, test } from './fixtures.ts'

const TURNS = 45

test('a link to an event: the row is in the first HTML, and in view in the browser', async ({
  page,
  request,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun([
    turn(Array.from({ length: TURNS }, (_, index) => bash(`echo marker-${index}`))),
    turn([text('Now the repair.'), patch('app.txt', 'broken', 'works')]),
    turn([runCheck()]),
  ])
  await client.until(runId, 'achieved')
  const calls = await client.events(runId, '?kind=tool_call')
  const target = calls[20]!
  const url = `/runs/${runId}?ev=${target.seq}`
  const html = await (await request.get(url)).text()
  expect(html).toContain('marker-20')

  await page.goto(url)
  const row = page
    .getByRole('region', { name: 'Activity' })
    .getByRole('button', { name: 'echo marker-20' })
    .first()
  await expect(row).toBeInViewport()
  await expect(row).toHaveAttribute('aria-expanded', 'true')
  // And it is not scrolled away by what loads later.
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(row).toBeInViewport()
})

test('an address of no run says so, and what there is', async ({ page, startRun, client, expected }) => {
  expected.push(/404/)
  const { run_id: runId } = await startRun([turn([patch('app.txt', 'broken', 'works')])])
  await client.until(runId, 'achieved')
  const response = await page.goto('/runs/00000000-0000-4000-8000-000000000000')
  expect(response?.status()).toBe(404)
  await expect(page.getByRole('heading', { name: 'Run not found' })).toBeVisible()
  await page
    .getByRole('link', { name: /make it work/ })
    .first()
    .click()
  await expect(page.getByRole('heading', { level: 1, name: 'make it work' })).toBeVisible()
})

test('a filter says which events it has seen, and the server finds what lies before them', async ({
  page,
  startRun,
  client,
}) => {
  // More than the first HTML holds.
  const loud = Array.from({ length: 16 }, () => bash('seq 1 8000'))
  const { run_id: runId } = await startRun([
    turn([bash('echo needle-in-the-hay')]),
    turn(loud),
    turn([patch('app.txt', 'broken', 'works')]),
    turn([runCheck()]),
  ])
  await client.until(runId, 'achieved')
  await page.goto(`/runs/${runId}?f=needle-in`)
  const stream = page.getByRole('region', { name: 'Activity' })
  await expect(stream).toContainText('No events match')
  await expect(stream).toContainText(/Only the \d+ events that are loaded are filtered/)
  await stream.getByRole('button', { name: 'Search the older ones on the server' }).click()
  await expect(stream.getByRole('button', { name: /echo needle-in-the-hay/ }).first()).toBeVisible()
  await expect(stream).toContainText(/older events? found by the server/)
  await stream.getByRole('button', { name: 'Back to the loaded events' }).click()
  await expect(stream).toContainText('No events match')
})
