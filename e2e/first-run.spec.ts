import { execFileSync } from 'node:child_process'
import { repairShell, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage } from '#lib/testing/stage'
import { expect, test } from './fixtures.ts'

test('whoever opens an empty dashboard is told how to begin, and sees a run that a script starts appear by itself', async ({
  page,
  watch: _,
}) => {
  const stage = await openStage()
  try {
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    await page.goto(stage.server.url)
    await expect(page.getByRole('heading', { name: 'No runs yet' })).toBeVisible()
    await expect(page.getByRole('link', { name: /^New run/ }).first()).toBeVisible()
    await expect(page.getByRole('region', { name: 'Start a run from a terminal' })).toContainText(
      'retrai run',
    )
    const curl = page.getByRole('region', { name: 'Start a run with curl' })
    await expect(curl).toContainText(`curl -sS -X POST ${stage.server.url}/api/runs`)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()

    // What the page says works as it stands, but for the goal, which this project judges by a command.
    const command = ((await curl.locator('pre').textContent()) ?? '')
      .replace('"goal":"pytest"', `"goal":"make it work","check_command":"sh check.sh"`)
      .replace(/"cwd":"[^"]+"/, `"cwd":${JSON.stringify(cwd)}`)
    execFileSync('sh', ['-c', command])
    const row = page.getByRole('row', { name: /make it work/ })
    await expect(row).toBeVisible()
    await expect(row).toContainText('achieved')
    await expect(page.getByRole('heading', { name: 'No runs yet' })).toBeHidden()
    await row.getByRole('link').click()
    await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
    await expect(page.getByRole('heading', { level: 1, name: 'make it work' })).toBeVisible()
  } finally {
    await page.close() // what it still loads must not meet a server that is gone
    await stage.close()
  }
})

test('whoever has no key plays the demo from the empty dashboard', async ({ page, watch: _ }) => {
  const stage = await openStage({ env: { RETRAI_ALLOWED_ROOTS: process.cwd() } })
  try {
    await page.goto(stage.server.url)
    await expect(page.getByText('Live', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'Play the demo run' }).click()
    await expect(page).toHaveURL(/\/runs\/[0-9a-f-]{36}$/)
    await expect(page.getByRole('main')).toContainText('All 14 tests passed', { timeout: 90_000 })
    const [run] = await stage.client.list()
    expect(run).toMatchObject({ status: 'achieved', scripted: true })
  } finally {
    await page.close()
    await stage.close()
  }
})
