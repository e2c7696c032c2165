// The webhook of the real server: over a kill, with a receiver that is not well, and what the API says of it.
import { expect, it, onTestFinished } from 'vitest'
import { repairShellAtSecond, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { startWebhookReceiver } from '#lib/testing/webhook-receiver'

const GOAL = { goal: 'make it work', check_command: 'sh check.sh', hitl_enabled: true }

it('tells of a gate that opened before a kill once the receiver is well again, and of the end', async () => {
  const receiver = await startWebhookReceiver()
  onTestFinished(() => receiver.close())
  receiver.answer = () => 'hang'
  const env = { RETRAI_WEBHOOK_URL: receiver.url, RETRAI_PUBLIC_URL: 'https://runs.example/' }
  const stage = await openStage({ env })
  onTestFinished(() => stage.close())
  const status = () => stage.client.ok<{ pending: number; url: string }>('GET', '/api/webhook')
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id: runId } = await stage.client.start({ ...GOAL, cwd })
  await stage.client.until(runId, 'waiting')
  await waitFor('it is being told', () => receiver.received.length === 1)

  await stage.restart('kill9')
  receiver.answer = () => 500
  await waitFor('the next server tells it', () => receiver.received.length === 2)
  receiver.answer = () => 200
  await waitFor('it is taken', async () => (await status()).pending === 0)
  const gates = receiver.ofType('gate_opened')
  expect(new Set(gates.map(({ id }) => id)).size).toBe(1)
  expect(gates.at(-1)).toMatchObject({
    url: expect.stringMatching(new RegExp(`^https://runs\\.example/runs/${runId}/gate/`)),
    run: { run_id: runId, status: 'waiting' },
  })

  await stage.client.ok('POST', `/api/runs/${runId}/resume`, { body: { decision: 'approve' } })
  await stage.client.until(runId, 'achieved')
  await waitFor('the end is told', () => receiver.ofType('run_ended').length === 1)

  expect(await stage.client.ok('POST', '/api/webhook/test')).toMatchObject({ delivered: true, status: 200 })
  expect(receiver.ofType('test')).toHaveLength(1)
  const said = JSON.stringify(await status())
  expect(said).toContain('127.0.0.1')
  expect(said).not.toContain('of-the-team')
  expect(stage.server.stderr()).not.toContain('of-the-team')
})
