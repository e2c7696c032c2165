// Abort wins quickly and leaves nothing running, whatever the run was doing.
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault, text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { processesWith, uniqueSeconds } from '#lib/workspace/test-folder'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

async function abortTimed(runId: string) {
  const began = performance.now()
  const answer = await stage.client.request('POST', `/api/runs/${runId}/abort`, {
    body: { reason: 'enough' },
  })
  expect(answer.status).toBe(200)
  expect(answer.json).toMatchObject({ status: 'aborted' })
  expect(performance.now() - began).toBeLessThan(2000)
  return stage.client.run(runId)
}

it('a command, its children in the background and those that left its group are gone, and the counts are true', async () => {
  const seconds = uniqueSeconds()
  const usage = {
    input_tokens: 100,
    output_tokens: 20,
    cache_read_input_tokens: 3,
    cache_creation_input_tokens: 4,
  }
  const cwd = await stage.project(SHELL_PROJECT, [
    turn([text('One short command.'), bash('echo short')], { usage }),
    turn(
      [bash(`sleep ${seconds} & setsid sleep ${seconds} & (setsid -f sleep ${seconds}); sleep ${seconds}`)],
      {
        usage,
      },
    ),
  ])
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await waitFor('all four are running', async () => (await sleepers(seconds)).length >= 4)
  const run = await abortTimed(runId)
  expect(await sleepers(seconds)).toEqual([])
  expect(run.final_state).toMatchObject({
    iteration: 1,
    goal_achieved: false,
    total_tokens: 254,
    outcome: 'aborted',
  })
  expect(run.reason).toBe('Aborted by api: enough')

  const events = await stage.client.events(runId)
  expect(events.at(-1)).toMatchObject({
    kind: 'run_end',
    iteration: 1,
    payload: { achieved: false, iterations: 1, total_tokens: 254, status: 'aborted', outcome: 'aborted' },
  })
  expect(events.filter(({ kind }) => kind === 'run_end')).toHaveLength(1)
  // Every call has its one result, the last says it was interrupted.
  const calls = events.filter(event => event.kind === 'tool_call').map(({ payload }) => payload.call_id)
  const results = events.filter(event => event.kind === 'tool_result')
  expect(results.map(({ payload }) => payload.call_id)).toEqual(calls)
  expect(results.at(-1)?.payload).toMatchObject({ status: 'interrupted', exit_code: null })
})

it("the goal's own check is stopped with all it started", async () => {
  const seconds = uniqueSeconds()
  const cwd = await stage.project({
    ...SHELL_PROJECT,
    'check.sh': `setsid sleep ${seconds} & sleep ${seconds}\n`,
  })
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await waitFor('the check is running', async () => (await sleepers(seconds)).length >= 2)
  const run = await abortTimed(runId)
  expect(await sleepers(seconds)).toEqual([])
  expect(run.final_state).toMatchObject({ iteration: 0, total_tokens: 0 })
})

it('a call of the model is given up at once', async () => {
  const cwd = await stage.project(SHELL_PROJECT, [fault.hang({ events: 3 })])
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await waitFor('the model is asked', () => stage.requests(cwd).length === 1)
  await abortTimed(runId)
  await waitFor('the connection to the model is closed', () => stage.requests(cwd)[0]?.aborted)
})

it('a wait before the next attempt at the model is given up at once', async () => {
  const cwd = await stage.project(SHELL_PROJECT, [fault.status(429, { retryAfter: 300 })])
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await waitFor('it waits', async () => {
    const [retry] = (await stage.client.events(runId, '?kind=model_retry')) as EventOf<'model_retry'>[]
    return (retry?.payload.wait_ms ?? 0) >= 300_000
  })
  await abortTimed(runId)
})

it('a run that waits in the queue ends without having begun, and those before it go on', async () => {
  const seconds = uniqueSeconds()
  const busy = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const cwd = await stage.project(SHELL_PROJECT, [turn([bash(`sleep ${seconds}`)])])
      return stage.client.start({ ...SHELL_GOAL, cwd })
    }),
  )
  await waitFor('all slots are taken', async () => (await sleepers(seconds)).length >= 4)
  const cwd = await stage.project(SHELL_PROJECT)
  const { run_id: runId, status } = await stage.client.start({ ...SHELL_GOAL, cwd })
  expect(status).toBe('queued')
  const run = await abortTimed(runId)
  expect(run.final_state).toMatchObject({ iteration: 0, total_tokens: 0, outcome: 'aborted' })
  expect(stage.requests(cwd)).toEqual([])
  for (const { run_id } of busy) expect((await stage.client.run(run_id)).status).toBe('running')
  for (const { run_id } of busy) await abortTimed(run_id)
  expect(await sleepers(seconds)).toEqual([])
})

it('an ended run: the abort of an aborted one is repeated, of another refused', async () => {
  const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
  const { run_id: runId } = await stage.client.finish({ ...SHELL_GOAL, cwd })
  const refused = await stage.client.request('POST', `/api/runs/${runId}/abort`)
  expect(refused.json).toMatchObject({ code: 'run_not_active', detail: `Run ${runId} has ended: achieved` })
  const [aborted] = await stage.client.list('?status=aborted&limit=1')
  const again = await stage.client.request('POST', `/api/runs/${aborted?.run_id}/abort`)
  expect(again).toMatchObject({ status: 200, json: { status: 'aborted', last_seq: aborted?.last_seq } })
})

/** Processes that sleep for this long; the shell that was given the command is not counted. */
async function sleepers(seconds: string): Promise<number[]> {
  return processesWith(`sleep\0${seconds}\0`)
}
