import { repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { startWebhookReceiver } from '#lib/testing/webhook-receiver'
import { expect, test } from './own-stage.ts'

test('a webhook is tried from the settings and hears of a gate, which two browsers see each other look at', async ({
  page,
  browser,
  watch,
  open,
}) => {
  const receiver = await startWebhookReceiver()
  const env = { RETRAI_WEBHOOK_URL: receiver.url, RETRAI_WEBHOOK_SECRET: 'a-secret-of-this-webhook' }
  const { server, client, project } = await open(env)

  await page.goto(`${server.url}/settings`)
  const notifications = page.getByRole('region', { name: 'Notifications' })
  await expect(notifications).toContainText(`${new URL(receiver.url).origin}/…`)
  await expect(notifications).toContainText('signed with the secret')
  await notifications.getByRole('button', { name: 'Send test' }).click()
  await expect(notifications).toContainText('The receiver has taken it')
  expect(receiver.ofType('test')).toHaveLength(1)
  expect(await page.content()).not.toMatch(/of-the-team|a-secret-of-this-webhook/)

  const cwd = await project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id } = await client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  await client.until(run_id, 'waiting')
  await expect.poll(() => receiver.ofType('gate_opened').length).toBe(1)
  const link = receiver.ofType('gate_opened')[0]?.url ?? ''
  await page.goto(link)
  const gate = page.getByRole('region', { name: /^Needs you/ })
  await expect(gate).toBeVisible()
  await expect(gate).not.toContainText('reviewing')
  const elsewhere = await browser.newContext()
  const other = await elsewhere.newPage()
  watch(other)
  await other.goto(link)
  for (const one of [page, other])
    await expect(one.getByText('Somebody is reviewing this in another browser')).toBeVisible()
  await elsewhere.close()
  await expect(gate).not.toContainText('reviewing')
  await receiver.close()
})

test('columns of the list are chosen by keyboard and remembered, the foot says what was spent, and Health has the log', async ({
  page,
  open,
}) => {
  const { server, client, project } = await open()
  const cwd = await project(SHELL_PROJECT, repairShellAtSecond)
  const run = await client.finish({ ...SHELL_GOAL, cwd })

  await page.goto(`${server.url}/runs`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  const spent = (run.estimated_cost_usd ?? 0) < 0.01 ? '<$0.01' : `$${run.estimated_cost_usd?.toFixed(2)}`
  await expect(page.getByRole('contentinfo')).toContainText(`${spent} today`)
  await page.getByRole('button', { name: 'Columns' }).press('Enter')
  await page.getByRole('checkbox', { name: 'Trend' }).press('Space')
  await page.getByRole('checkbox', { name: 'Model' }).press('Space')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('button', { name: 'Columns' })).toBeFocused()
  const heads = page.getByRole('columnheader')
  await page.reload()
  await expect(heads.filter({ hasText: 'Model' })).toBeVisible()
  await expect(heads.filter({ hasText: 'Trend' })).toHaveCount(0)
  await expect(page.getByRole('cell', { name: 'claude-sonnet-4-6' })).toBeVisible()

  await page.goto(`${server.url}/health`)
  const log = page.getByRole('region', { name: 'Log', exact: true })
  await expect(log).toContainText('listening')
  await page.getByLabel('Level').selectOption('error')
  await expect(page.getByText('Nothing of that kind.')).toBeVisible()
  await page.getByRole('button', { name: 'Test anthropic' }).click()
  await expect(page.getByRole('listitem').filter({ hasText: 'anthropic' })).toContainText(/reachable/)
})
