// The server dies with its pages open, and is started again.
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Page } from '@playwright/test'
import { bash, patch, repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { expectFitsEverywhere } from './fits-everywhere.ts'
import { expect, test } from './own-stage.ts'

/** What a browser says of a server that is not there. */
const GONE =
  /ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)|WebSocket/

/** Waits for the story in its fourth step, so that the server dies while the run is at work, however slow the page is. */
const step = (index: number) =>
  `${index < 4 ? '' : 'until test -e go-on; do sleep 0.05; done; '}echo output ${index};`
const goOn = (cwd: string) => writeFile(path.join(cwd, 'go-on'), '')
const long = [
  ...Array.from({ length: 12 }, (_, index) => turn([text(`Step ${index + 1}.`), bash(step(index + 1))])),
  turn([patch('app.txt', 'broken', 'works')]),
  turn([text('app.txt says works now.')]),
]

/** The numbers of all rows of the timeline, from top to bottom, each as often as it is there. */
async function rowsOf(page: Page): Promise<number[]> {
  return page.getByRole('region', { name: 'Activity' }).evaluate(async activity => {
    const frame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    const rows = () => [...activity.querySelectorAll<HTMLElement>('[data-row]')]
    const scroller = [...activity.querySelectorAll<HTMLElement>('*')].find(
      element => element.scrollHeight > element.clientHeight + 1 && element.contains(rows()[0] ?? null),
    )
    const times = new Map<number, number>()
    for (let top = 0; ; top += 200) {
      scroller?.scrollTo({ top })
      await frame()
      const here = rows().map(row => Number(row.dataset.row))
      for (const seq of here)
        times.set(seq, Math.max(times.get(seq) ?? 0, here.filter(other => other === seq).length))
      if (!scroller || top > scroller.scrollHeight) break
    }
    return [...times]
      .sort(([a], [b]) => a - b)
      .flatMap(([seq, count]) => Array.from({ length: count }, () => seq))
  })
}

test('a run page survives the death of the server, and has every event exactly once when it is back', async ({
  page,
  open,
  expected,
}) => {
  test.setTimeout(180_000)
  expected.push(GONE)
  const stage = await open()
  const cwd = await stage.project(SHELL_PROJECT, long)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await page.goto(`${stage.server.url}/runs/${runId}?view=all`)
  const activity = page.getByRole('region', { name: 'Activity' })
  await expect(activity.getByText('echo output 3;').first()).toBeVisible()
  const abort = page.getByRole('button', { name: 'Abort the run' })
  await expect(abort).not.toHaveAttribute('aria-disabled')

  await stage.server.kill9()
  await expect(page.getByRole('button', { name: /^Reconnecting/ })).toBeVisible()
  await expect(abort).toHaveAttribute('aria-disabled', 'true')
  await expect(abort).toHaveAttribute('title', /^Not connected/)
  await abort.click({ force: true })
  await expect(page.getByRole('group', { name: 'Abort this run?' })).toBeHidden()
  await expect(page.getByText('what the run does now is not known here')).toBeVisible()
  await page.screenshot({ path: test.info().outputPath('reconnecting.png') })
  const banner = page.getByRole('alert').filter({ hasText: 'The server has not been reachable since' })
  await expect(banner).toBeVisible({ timeout: 30_000 })
  await expect(activity.getByText('echo output 3;').first()).toBeAttached()
  await expectFitsEverywhere(page, 'server-gone')

  await goOn(cwd)
  await stage.restart('kill9', { samePort: true })
  await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 30_000 })
  await expect(banner).toBeHidden()
  await expect(page.getByRole('main')).toContainText('The goal is met', { timeout: 60_000 })
  const { last_seq: last } = await stage.client.run(runId)
  await expect(page.getByRole('tab', { name: /^Activity/ })).toContainText(String(last))
  expect(await rowsOf(page)).toEqual(Array.from({ length: last }, (_, index) => index + 1))
  const kinds = (await stage.client.events(runId)).map(({ kind }) => kind)
  expect(kinds.filter(kind => kind === 'recovered')).toHaveLength(1)
  await page.goto(`${stage.server.url}/runs/${runId}`)
  await page.getByRole('textbox', { name: /^Filter/ }).fill('kind:recovered')
  await expect(activity.getByText(/The server had died and was started again/)).toHaveCount(1)
})

test('a gate that was open keeps what was typed, and is approved when the server is back', async ({
  page,
  open,
  expected,
}) => {
  test.setTimeout(120_000)
  expected.push(GONE)
  const stage = await open()
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  await stage.client.until(runId, 'waiting')
  await page.goto(`${stage.server.url}/runs/${runId}`)
  const gate = page.getByRole('region', { name: /^Needs you: gate/ })
  await gate.getByRole('textbox', { name: /^Note to the agent/ }).fill('go on with app.txt')
  await expect(gate.getByText('looked at it').first()).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  await stage.server.kill9()
  const approve = gate.getByRole('button', { name: 'Approve and continue' })
  await expect(approve).toHaveAttribute('aria-disabled', 'true')
  await expect(gate.getByText('Not connected: nothing is sent')).toBeVisible()
  await page.screenshot({ path: test.info().outputPath('gate-gone.png') })
  await stage.restart('kill9', { samePort: true })
  await expect(approve).not.toHaveAttribute('aria-disabled', 'true', { timeout: 30_000 })
  await approve.click()
  await expect(page.getByRole('main')).toContainText('The goal is met in 2 iterations', { timeout: 30_000 })
  const [answer] = await stage.client.events(runId, '?kind=human_check_response')
  expect(answer?.payload).toMatchObject({ decision: 'approve', note: 'go on with app.txt' })
})

test('the list comes back by itself, with what changed while it was cut off', async ({
  page,
  open,
  expected,
}) => {
  test.setTimeout(120_000)
  expected.push(GONE)
  const stage = await open()
  const cwd = await stage.project(SHELL_PROJECT, long)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await page.goto(`${stage.server.url}/runs`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const url = page.url()
  const row = page.getByRole('row').filter({ has: page.locator(`a[href="/runs/${runId}"]`) })
  await expect(row).toContainText(/running/i)
  await stage.server.kill9()
  await expect(page.getByRole('button', { name: /^Reconnecting/ })).toBeVisible()
  await goOn(cwd)
  await stage.restart('kill9', { samePort: true })
  expect(page.url()).toBe(url) // not the browser's error page
  await expect(row).toContainText(/achieved/i, { timeout: 60_000 })
  await expect(page.getByRole('link', { name: /^achieved 1$/i })).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
})
