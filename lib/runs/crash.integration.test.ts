// The power may fail at any moment: the run goes on from its last completed step, and what was told stays true.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { followWs } from '#lib/testing/follow-ws'
import { bash, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, fault, text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { processesWith, uniqueSeconds } from '#lib/workspace/test-folder'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const STEPS = 10
/** Each command leaves a line behind, so that one that ran twice is seen. */
const steps: Answer[] = [
  ...Array.from({ length: STEPS }, (_, index) => turn([bash(`echo ${index} >> ledger.txt; sleep 0.05`)])),
  turn([patch('app.txt', 'broken', 'works')]),
  turn([text('app.txt says works now.')]),
]
const callIds = (events: RunEvent[], kind: 'tool_call' | 'tool_result') =>
  events.flatMap(event => (event.kind === kind ? [(event.payload as { call_id: string }).call_id] : []))

/** What must hold for the journal of a run that has ended, however often the server died. */
function expectSound(events: RunEvent[]) {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect(events.filter(({ kind }) => kind === 'run_end')).toHaveLength(1)
  expect(events.at(-1)?.kind).toBe('run_end')
  const results = callIds(events, 'tool_result')
  expect(new Set(results).size).toBe(results.length)
  expect([...results].sort()).toEqual([...new Set(callIds(events, 'tool_call'))].sort())
}

describe('kill -9', () => {
  it('while a command runs: it is dead, reported as interrupted, not run again, and the run reaches its goal', async () => {
    const seconds = uniqueSeconds()
    const cwd = await stage.project(SHELL_PROJECT, [
      turn([bash(`echo once >> ledger.txt; sleep ${seconds} & setsid sleep ${seconds} & wait`)]),
      turn([text('It was interrupted, so I repair the file.'), patch('app.txt', 'broken', 'works')]),
      turn([text('Done.')]),
    ])
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const sleepers = () => processesWith(`sleep\0${seconds}\0`)
    await waitFor('the command runs', async () => (await sleepers()).length >= 2)
    await stage.restart('kill9')
    await waitFor('nothing of the command is left', async () => (await sleepers()).length === 0)
    const run = await stage.client.until(runId, 'achieved')
    expect(run.iteration).toBe(1)
    const events = await stage.client.events(runId)
    expectSound(events)
    const [recovered] = events.flatMap(event => (event.kind === 'recovered' ? [event.payload] : []))
    const [first] = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload] : []))
    expect(first).toMatchObject({ status: 'interrupted', exit_code: null })
    expect(recovered?.interrupted_calls).toEqual([first?.call_id])
    expect(await readFile(path.join(cwd, 'ledger.txt'), 'utf8')).toBe('once\n')
    // The model was told, in the form its API takes.
    const told = stage.requests(cwd).find(request => request.assistantMessages === 1)
    expect(JSON.stringify(told?.body.messages)).toContain('interrupted')
  })

  it('while the model is asked: the question is asked again, and nothing else', async () => {
    let isHanging = true
    const cwd = await stage.project(SHELL_PROJECT, ({ assistantMessages }) => {
      if (assistantMessages === 1 && isHanging) return fault.hang({ events: 4 })
      return assistantMessages === 0 ? turn([bash('echo once >> ledger.txt')]) : repairFrom(assistantMessages)
    })
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    await waitFor('the model hangs', () => stage.requests(cwd).length === 2)
    isHanging = false
    await stage.restart('kill9')
    await stage.client.until(runId, 'achieved')
    expectSound(await stage.client.events(runId))
    expect(await readFile(path.join(cwd, 'ledger.txt'), 'utf8')).toBe('once\n')
    expect(stage.requests(cwd).filter(request => request.assistantMessages === 1)).toHaveLength(2)
    expect(stage.requests(cwd).filter(request => request.assistantMessages === 0)).toHaveLength(1)
  })

  it('again and again at random moments: a client that comes back with after sees one gapless story', async () => {
    const cwd = await stage.project(SHELL_PROJECT, steps)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const seen: RunEvent[] = []
    for (let kills = 0; seen.at(-1)?.kind !== 'run_end'; kills++) {
      const follower = followWs(stage.server.url, runId, { after: seen.length })
      const enough = 3 + Math.floor(Math.random() * 12)
      await waitFor(
        'events come',
        () => follower.events.length >= enough || follower.events.at(-1)?.kind === 'run_end',
      )
      const isOver = follower.events.at(-1)?.kind === 'run_end'
      if (!isOver && kills < 5) await stage.restart('kill9')
      else if (!isOver) await follower.closed
      await follower.close()
      seen.push(...follower.events)
    }
    const events = await stage.client.events(runId)
    // What a client was shown before a kill is what is stored after it.
    expect(seen).toEqual(events)
    expectSound(events)
    expect((await stage.client.run(runId)).status).toBe('achieved')
    // No command ran twice; one that was interrupted may not have run.
    const ledger = (await readFile(path.join(cwd, 'ledger.txt'), 'utf8')).trim().split('\n')
    expect(new Set(ledger).size).toBe(ledger.length)
  })

  it('with a second server on the same data: it is refused while the first lives', async () => {
    const { startServer } = await import('#lib/testing/server')
    const second = startServer({ dataDir: stage.server.dataDir })
    await expect(second).rejects.toThrow(/another retrai serve uses this data directory/)
    expect((await stage.client.request('GET', '/healthz')).status).toBe(200)
  })
})

describe('SIGTERM', () => {
  it('ends within 15 s with code 0, closes followers with 1012, and the run goes on after the next start', async () => {
    const cwd = await stage.project(SHELL_PROJECT, steps)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    const follower = followWs(stage.server.url, runId)
    await waitFor('it is under way', () => follower.events.length > 8)
    const began = performance.now()
    expect(await stage.server.stop()).toMatchObject({ code: 0 })
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(await follower.closed).toMatchObject({ code: 1012 })
    await stage.restart('stop')
    await stage.client.until(runId, 'achieved')
    const events = await stage.client.events(runId)
    expectSound(events)
    expect(events.slice(0, follower.events.length)).toEqual(follower.events)
  })
})

const repairFrom = (index: number): Answer =>
  index === 1 ? turn([patch('app.txt', 'broken', 'works')]) : turn([text('Done.')])
