// A server that is told to stop: what runs comes to its end, nothing new begins, and who asks is told to come back.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { problemOf } from '#lib/testing/api'
import { followWs } from '#lib/testing/follow-ws'
import { bash, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault, text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { processesWith, uniqueSeconds } from '#lib/workspace/test-folder'

let stage: Stage
beforeAll(async () => {
  stage = await openStage({ env: { RETRAI_DRAIN_SECONDS: '10' } })
})
afterAll(() => stage?.close())

it('lets a command come to its end, refuses new runs meanwhile, and begins no further step', async () => {
  const cwd = await stage.project(SHELL_PROJECT, [
    turn([
      bash('echo begun >> ledger.txt; sleep 1.5; echo ended >> ledger.txt'),
      bash('echo late >> ledger.txt'),
    ]),
    turn([patch('app.txt', 'broken', 'works')]),
    turn([text('Done.')]),
  ])
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  const follower = followWs(stage.server.url, runId)
  const ledger = () => readFile(path.join(cwd, 'ledger.txt'), 'utf8').catch(() => '')
  await waitFor('the command runs', async () => (await ledger()) === 'begun\n')
  process.kill(stage.server.pid, 'SIGTERM')
  await waitFor('the server says that it is stopping', async () => {
    const readiness = await stage.client.request('GET', '/readyz')
    return readiness.status === 503
  })
  const refused = await stage.client.request('POST', '/api/runs', { body: { ...SHELL_GOAL, cwd } })
  expect(problemOf(refused)).toMatchObject({ status: 503, code: 'stopping' })
  expect(refused.headers.get('retry-after')).toBe('5')
  // What is there can still be read.
  expect((await stage.client.run(runId)).status).toBe('running')
  expect(await stage.server.ended).toMatchObject({ code: 0 })
  expect(await follower.closed).toMatchObject({ code: 1012 })
  expect(await ledger()).toBe('begun\nended\n')

  await stage.restart('stop')
  await stage.client.until(runId, 'achieved')
  expect(await ledger()).toBe('begun\nended\nlate\n')
  const events = await stage.client.events(runId)
  expect(events.slice(0, follower.events.length)).toEqual(follower.events)
  const results = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload.status] : []))
  expect(results).toEqual(['ok', 'ok', 'ok'])
  const [recovered] = events.flatMap(event => (event.kind === 'recovered' ? [event.payload] : []))
  expect(recovered).toMatchObject({ clean: true, crashes: 0, interrupted_calls: [] })
})

it('does not wait for the model, whose answer is asked for again', async () => {
  let isHanging = true
  const cwd = await stage.project(SHELL_PROJECT, ({ assistantMessages }) => {
    if (isHanging) return fault.hang({ events: 3 })
    return assistantMessages === 0 ? turn([patch('app.txt', 'broken', 'works')]) : turn([text('Done.')])
  })
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await waitFor('the model is asked', () => stage.requests(cwd).length === 1)
  const began = performance.now()
  expect(await stage.server.stop()).toMatchObject({ code: 0 })
  expect(performance.now() - began).toBeLessThan(5000)
  isHanging = false
  await stage.restart('stop')
  await stage.client.until(runId, 'achieved')
})

it('told twice ends at once, and takes the command with it', async () => {
  const seconds = uniqueSeconds()
  const cwd = await stage.project(SHELL_PROJECT, [
    turn([bash(`sleep ${seconds}`)]),
    turn([patch('app.txt', 'broken', 'works')]),
  ])
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  await waitFor('the command runs', async () => (await processesWith(seconds)).length > 0)
  process.kill(stage.server.pid, 'SIGTERM')
  await waitFor('it is stopping', () => stage.server.stdout().includes('is stopping'))
  // npm passes on a Ctrl-C that the terminal has sent as well: the second one of a person comes later.
  await waitFor('it is asked again and ends', async () => {
    try {
      process.kill(stage.server.pid, 'SIGTERM')
    } catch {
      return true // it has ended
    }
    return Promise.race([stage.server.ended.then(() => true), new Promise(done => setTimeout(done, 100))])
  })
  expect(await stage.server.ended).toMatchObject({ code: 1 })
  await waitFor('the command is gone', async () => (await processesWith(seconds)).length === 0)
  await stage.restart('stop')
  const run = await stage.client.until(runId, 'achieved')
  const events = await stage.client.events(run.run_id)
  const [first] = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload] : []))
  expect(first).toMatchObject({ status: 'interrupted' })
})
