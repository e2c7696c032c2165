import { repairShell, repairShellAtSecond } from '#lib/testing/make-project'
import { expect, test } from './fixtures.ts'

test('anything is found by its name, keys are changed and kept, and all of it works without a mouse', async ({
  page,
  startRun,
  client,
}) => {
  const { run_id: runId } = await startRun(repairShell, { goal: 'tidy the attic' })
  await client.until(runId, 'achieved')
  await page.goto('/runs')
  await expect(page.getByText('Live', { exact: true })).toBeVisible()

  await page.keyboard.press('Control+k')
  const palette = page.getByRole('combobox', { name: 'Find anything' })
  await expect(palette).toBeFocused()
  await palette.fill('attic')
  await expect(page.getByRole('option', { name: /tidy the attic/ })).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/runs/${runId}$`))

  await page.keyboard.press('Control+k')
  await palette.fill('> settings')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/settings$/)

  // The key of a page that was open before is offered, and refused where another has it.
  const keys = page.getByRole('region', { name: 'Keys: Runs' })
  await keys.getByRole('button', { name: 'Change the key of: Next run', exact: true }).press('Enter')
  await page.keyboard.press('k')
  await expect(keys.getByRole('alert')).toContainText('«Previous run» (Runs) has this key')
  await page.keyboard.press('m')
  await expect(keys.getByRole('button', { name: 'The usual key for: Next run', exact: true })).toBeVisible()

  await page.keyboard.press('g')
  await page.keyboard.press('r')
  await expect(page).toHaveURL(/\/runs$/)
  await page.reload()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await page.keyboard.press('m')
  await expect(page.locator('a[data-row]').first()).toBeFocused()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard' })
  await expect(sheet.getByText('Next run', { exact: true }).locator('..')).toContainText('m')
})

test('a gate rings once, in one of two tabs that are open, and its notice leads to it', async ({
  page,
  context,
  watch,
  startRun,
  client,
}) => {
  // What the browser would show: the desktop itself is not part of the page.
  await context.addInitScript(() => {
    const told: string[] = []
    class Told extends EventTarget {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      onclick: (() => void) | null = null
      constructor(title: string) {
        super()
        told.push(title)
        Object.assign(window, { told, click: () => this.onclick?.() })
      }
      close() {}
    }
    Object.assign(window, { told, Notification: Told })
    localStorage.setItem('retrai.notices', '{"desktop":true}')
  })
  const other = await context.newPage()
  watch(other)
  for (const tab of [page, other]) {
    await tab.goto('/settings')
    await expect(tab.getByText('Live', { exact: true })).toBeVisible()
  }
  await expect(page.getByRole('switch', { name: /^A notification of the desktop/ })).toBeChecked()
  const { run_id: runId } = await startRun(repairShellAtSecond, { hitl_enabled: true })
  await client.until(runId, 'waiting')
  const told = () =>
    Promise.all([page, other].map(tab => tab.evaluate(() => (window as unknown as { told: string[] }).told)))
  await expect
    .poll(async () => (await told()).flat())
    .toEqual([expect.stringMatching(/^Needs you: make it work/)])
  const [rang = page] = (await told())[0]?.length ? [page] : [other]
  await rang.evaluate(() => (window as unknown as { click(): void }).click())
  await expect(rang).toHaveURL(new RegExp(`/runs/${runId}`))
  await expect(page).toHaveTitle(/^✋1 · /)
})
