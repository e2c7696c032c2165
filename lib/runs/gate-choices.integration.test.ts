// What can be said of gates besides yes and no: fewer of them, an end when nobody answers, and «undo what it just did».
import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import { problemOf } from '#lib/testing/api'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

/** Each iteration writes a file of its own, changes one, deletes one; the goal is never met. */
const busy = Array.from({ length: 6 }, (_, i) => [
  turn([bash(`echo ${i} > new-${i}.txt; echo ${i} >> check-log.txt; rm -f old-${i}.txt; chmod +x app.txt`)]),
  turn([text(`I have written new-${i}.txt.`)]),
]).flat()
const PROJECT = {
  ...SHELL_PROJECT,
  'check-log.txt': 'start\n',
  'old-0.txt': 'of before\n',
  '.gitignore': '*.tmp\n',
}

async function start(body: Record<string, unknown>) {
  const cwd = await stage.project(PROJECT, busy)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, max_iterations: 4, ...body })
  return { cwd, runId }
}
async function waiting(body: Record<string, unknown>) {
  const { cwd, runId } = await start(body)
  await stage.client.until(runId, 'waiting')
  return { cwd, runId, gate: await lastGate(runId) }
}
async function lastGate(runId: string) {
  const gates = await stage.client.events(runId, '?kind=human_check_required')
  return (gates.at(-1) as EventOf<'human_check_required'>).payload
}
const decide = (runId: string, body: Record<string, unknown>) =>
  stage.client.request('POST', `/api/runs/${runId}/resume`, { body })
const configure = (runId: string, body: Record<string, unknown>) =>
  stage.client.request('PATCH', `/api/runs/${runId}/config`, { body })

describe('approving what is to come', () => {
  it('skips so many gates, says so, and asks again when somebody wants it', async () => {
    const { runId } = await waiting({ hitl_enabled: true, max_iterations: 5 })
    for (const wrong of [
      { decision: 'abort', approve_next: 1 },
      { decision: 'approve', approve_next: 0 },
      { decision: 'approve', approve_next: 'all' },
    ])
      expect(problemOf(await decide(runId, wrong))).toMatchObject({
        code: 'invalid',
        errors: [expect.objectContaining({ pointer: '/approve_next' })],
      })
    const answer = await decide(runId, { decision: 'approve', approve_next: 2 })
    expect(answer.json).toMatchObject({ decision: 'approve', approve_next: 2 })
    const run = await stage.client.until(runId, 'waiting')
    expect(run).toMatchObject({ iteration: 4, gates_skipped_until: 3, gate: { iteration: 4 } })
    await decide(runId, { decision: 'approve', approve_next: 'rest' })
    expect((await configure(runId, { hitl_enabled: true })).json).toMatchObject({ gates_skipped_until: null })
    expect((await stage.client.until(runId, 'waiting', 'exhausted')).iteration).toBe(5)
  })
})

describe('a policy', () => {
  it.each<[unknown, Record<string, unknown>, Record<string, unknown>]>([
    ['each', {}, { mode: 'each', timeout_minutes: null, on_timeout: 'wait' }],
    [{ mode: 'flags', timeout_minutes: 30 }, {}, { mode: 'flags', timeout_minutes: 30, on_timeout: 'abort' }],
  ])('%o means gates, in the old word too', async (gate_policy, more, settled) => {
    const { runId } = await start({ gate_policy, max_iterations: 1, ...more })
    expect(await stage.client.run(runId)).toMatchObject({ hitl_enabled: true, gate_policy: settled })
    const again = await stage.client.ok<{ run_id: string }>('POST', `/api/runs/${runId}/rerun`, { body: {} })
    expect((await stage.client.run(again.run_id)).gate_policy).toEqual(settled)
    for (const id of [runId, again.run_id]) await stage.client.request('POST', `/api/runs/${id}/abort`)
  })

  it('that contradicts itself starts nothing', async () => {
    const cwd = await stage.project(PROJECT, busy)
    const refused = async (body: Record<string, unknown>) => {
      const answer = await stage.client.request('POST', '/api/runs', {
        body: { ...SHELL_GOAL, cwd, ...body },
      })
      return problemOf(answer).errors?.[0]?.pointer
    }
    expect(await refused({ hitl_enabled: true, gate_policy: 'off' })).toBe('/hitl_enabled')
    expect(await refused({ gate_policy: { mode: 'each', on_timeout: 'abort' } })).toBe(
      '/gate_policy/timeout_minutes',
    )
    expect(await refused({ gate_policy: 'often' })).toBe('/gate_policy')
  })

  it('only for flags opens where a file was deleted, and not where nothing is to be seen', async () => {
    const { runId } = await waiting({ gate_policy: 'flags' })
    expect(await lastGate(runId)).toMatchObject({
      iteration: 1,
      flags: expect.arrayContaining([expect.objectContaining({ code: 'deleted_files', path: 'old-0.txt' })]),
    })
    await decide(runId, { decision: 'approve' })
    await stage.client.until(runId, 'exhausted')
    expect(await stage.client.events(runId, '?kind=human_check_required')).toHaveLength(1)
  })
})

describe('a gate that nobody answers', () => {
  it('is decided after its time, over a kill of the server, by the timeout; more time can be had', async () => {
    const { runId, gate } = await waiting({ gate_policy: { mode: 'each', timeout_minutes: 30 } })
    const opened = Date.parse((await stage.client.run(runId)).gate!.opened_at)
    expect(Date.parse((await stage.client.run(runId)).gate!.expires_at!)).toBe(opened + 30 * 60_000)
    await configure(runId, { gate_policy: { timeout_minutes: 60 } })
    expect(Date.parse((await stage.client.run(runId)).gate!.expires_at!)).toBe(opened + 60 * 60_000)
    await stage.restart('kill9')
    expect((await stage.client.run(runId)).status).toBe('waiting')
    await configure(runId, { gate_policy: { timeout_minutes: 0.001 } })
    const run = await stage.client.until(runId, 'aborted')
    expect(run.reason).toBe('Aborted at the gate by timeout: nobody decided within 1 second')
    const late = await decide(runId, { decision: 'approve', gate_id: gate.gate_id })
    expect(problemOf(late).detail).toMatch(/^The gate was already aborted by timeout at \d{4}-/)
  })
})

describe('an iteration that is undone at its gate', () => {
  it('is gone from the directory, the run goes on, and its diffs stay true', async () => {
    const { cwd, runId, gate } = await waiting({ hitl_enabled: true, max_iterations: 2 })
    const at = (name: string) => path.join(cwd, name)
    await appendFile(at('mine.tmp'), 'ignored\n')
    await appendFile(at('check-log.txt'), 'of a person\n')
    const stale = await decide(runId, { decision: 'undo', gate_id: gate.gate_id })
    expect([stale.status, problemOf(stale).code]).toEqual([412, 'diff_changed'])
    expect(existsSync(at('new-0.txt'))).toBe(true)

    const { diff_hash: reviewed } = await stage.client.ok<{ diff_hash: string }>(
      'GET',
      `/api/runs/${runId}/diff`,
    )
    const note = 'not in this way'
    const answer = await decide(runId, { decision: 'undo', gate_id: gate.gate_id, reviewed, note })
    expect(answer.json).toMatchObject({ decision: 'undo', note })
    // Whether the server dies before, while or after the files are put back.
    await stage.restart('kill9')
    const run = await stage.client.until(runId, 'waiting')
    expect(run).toMatchObject({ iteration: 2 })
    expect(existsSync(at('new-0.txt'))).toBe(false)
    expect(await readFile(at('old-0.txt'), 'utf8')).toBe('of before\n')
    expect(await readFile(at('check-log.txt'), 'utf8')).toBe('start\n1\n')
    expect(existsSync(at('mine.tmp'))).toBe(true)

    const patchOf = async (query = '') =>
      (await stage.client.ok<{ patch: string }>('GET', `/api/runs/${runId}/diff${query}`)).patch
    expect(await patchOf('?iteration=1')).toContain('new-0.txt')
    for (const query of ['', '?iteration=2']) {
      const patch = await patchOf(query)
      expect(patch).toContain('new-1.txt')
      expect(patch).not.toContain('new-0.txt')
    }
    const rows = await stage.client.ok<{ undone?: boolean }[]>('GET', `/api/runs/${runId}/iterations`)
    expect(rows.map(({ undone }) => undone)).toEqual([true, undefined])
    expect(await stage.client.events(runId, '?kind=iteration_undone')).toMatchObject([
      { payload: { iteration: 1, left: [] } },
    ])
    const told = JSON.stringify(
      stage.requests(cwd).find(({ assistantMessages }) => assistantMessages === 2)?.body.messages,
    )
    expect(told).toContain('had it undone')
    expect(told).toContain(note)

    const otherwise = await decide(runId, { decision: 'approve', gate_id: gate.gate_id })
    expect(problemOf(otherwise).code).toBe('gate_decided')
    expect((await decide(runId, { decision: 'undo', gate_id: gate.gate_id })).status).toBe(200)
    // The second one as well, from what the first undo left.
    await decide(runId, { decision: 'undo' })
    await stage.client.until(runId, 'exhausted')
    expect(await patchOf()).toBe('')
  })
})
