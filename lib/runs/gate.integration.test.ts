// A person in the loop: what they decide happens once, survives restarts, and is about the change they saw.
import { appendFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import type { Decision } from '#lib/contract/gates'
import { problemOf } from '#lib/testing/api'
import { repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage, type Stage } from '#lib/testing/stage'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

/** A run that waits at its gate after an iteration that wrote a note. */
async function waitingRun() {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  await stage.client.until(runId, 'waiting')
  const [opened] = await stage.client.events(runId, '?kind=human_check_required')
  return { cwd, runId, gate: (opened as EventOf<'human_check_required'>).payload }
}
const decide = (runId: string, body: Record<string, unknown>, headers?: Record<string, string>) =>
  stage.client.request('POST', `/api/runs/${runId}/resume`, { body, headers })

describe('a gate', () => {
  it('shows what the iteration changed, and approve lets the run go on to its goal', async () => {
    const { runId, gate, cwd } = await waitingRun()
    expect(gate).toMatchObject({
      iteration: 1,
      summary: expect.stringContaining('1 file changed'),
      diff_stat: { files: 1, insertions: 1, deletions: 0, by_file: [{ path: 'notes.txt', status: 'added' }] },
      agent_says: 'I have only looked so far.',
    })
    expect(await stage.client.gates()).toMatchObject([
      { gate_id: gate.gate_id, run_id: runId, status: 'open' },
    ])
    const waiting = await stage.client.run(runId)
    expect(waiting.gate).toMatchObject({ gate_id: gate.gate_id, iteration: 1 })
    const note = 'Write it into app.txt'
    const answer = await decide(
      runId,
      { decision: 'approve', gate_id: gate.gate_id, note, reviewed: gate.diff_hash },
      { 'x-retrai-client': 'cli' },
    )
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ decision: 'approve', gate_id: gate.gate_id, decided_by: 'cli', note })
    await stage.client.until(runId, 'achieved')
    expect(await stage.client.gates()).toEqual([])
    // The model has read the note.
    const asked = stage.requests(cwd).find(request => request.assistantMessages === 2)
    expect(JSON.stringify(asked?.body.messages)).toContain(note)
  })

  it('abort ends the run within two seconds, with its true counts', async () => {
    const { runId } = await waitingRun()
    const began = performance.now()
    const answer = await decide(runId, { decision: 'abort', note: 'wrong way' })
    expect(answer.json).toMatchObject({ decision: 'abort', status: 'aborted' })
    const run = await stage.client.until(runId, 'aborted')
    expect(performance.now() - began).toBeLessThan(2000)
    expect(run.reason).toContain('wrong way')
    expect(run.final_state).toMatchObject({ iteration: 1, goal_achieved: false, outcome: 'aborted' })
    const events = await stage.client.events(runId)
    const billed = events.flatMap(event => (event.kind === 'llm_usage' ? [event.payload] : []))
    const tokens = billed.reduce(
      (sum, usage) =>
        sum +
        usage.input_tokens +
        usage.output_tokens +
        usage.cache_read_input_tokens +
        usage.cache_creation_input_tokens,
      0,
    )
    expect(events.at(-1)).toMatchObject({
      kind: 'run_end',
      payload: { status: 'aborted', iterations: 1, total_tokens: tokens },
    })
  })

  it('takes the same decision again as the same answer, and names who decided otherwise, and when', async () => {
    const { runId, gate } = await waitingRun()
    const first = await decide(runId, { decision: 'approve' }, { 'x-retrai-client': 'dashboard' })
    const { decided_at: decidedAt } = first.json as Decision
    await stage.client.until(runId, 'achieved')
    const again = await decide(runId, { decision: 'approve', gate_id: gate.gate_id })
    expect(again.status).toBe(200)
    expect(again.json).toMatchObject({
      gate_id: gate.gate_id,
      decided_by: 'dashboard',
      decided_at: decidedAt,
    })
    const other = await decide(runId, { decision: 'abort', gate_id: gate.gate_id })
    expect(other.status).toBe(409)
    expect(problemOf(other)).toMatchObject({ code: 'gate_decided', status: 409 })
    expect(problemOf(other).detail).toBe(`The gate was already approved by dashboard at ${decidedAt}`)
    const responses = await stage.client.events(runId, '?kind=human_check_response')
    expect(responses).toHaveLength(1)
  })

  it('takes one of many decisions at once, and tells all the others which it was', async () => {
    const { runId } = await waitingRun()
    const decisions = Array.from({ length: 12 }, (_, index) => (index % 3 === 0 ? 'abort' : 'approve'))
    const answers = await Promise.all(decisions.map(decision => decide(runId, { decision })))
    const [response, ...others] = (await stage.client.events(
      runId,
      '?kind=human_check_response',
    )) as EventOf<'human_check_response'>[]
    expect(others).toEqual([])
    for (const [index, answer] of answers.entries()) {
      const isTaken = decisions[index] === response?.payload.decision
      expect(answer.status).toBe(isTaken ? 200 : 409)
    }
    await stage.client.until(runId, response?.payload.decision === 'abort' ? 'aborted' : 'achieved')
  })

  it('is not approved when the directory has changed since the diff was shown', async () => {
    const { runId, gate, cwd } = await waitingRun()
    await appendFile(path.join(cwd, 'notes.txt'), 'changed by somebody else\n')
    const stale = await decide(runId, { decision: 'approve', reviewed: gate.diff_hash })
    expect(stale.status).toBe(412)
    expect(problemOf(stale)).toMatchObject({
      code: 'diff_changed',
      detail: expect.stringContaining('review it again'),
    })
    expect((await stage.client.run(runId)).status).toBe('waiting')
    // What is there now is reviewed instead.
    const diff = await stage.client.ok<{ diff_hash: string; patch: string }>('GET', `/api/runs/${runId}/diff`)
    expect(diff.patch).toContain('+changed by somebody else')
    expect(await decide(runId, { decision: 'approve', reviewed: diff.diff_hash })).toMatchObject({
      status: 200,
    })
    await stage.client.until(runId, 'achieved')
  })

  it('is asked for of a run that has none: 409 says what the run is doing', async () => {
    const cwd = await stage.project({ ...SHELL_PROJECT, 'app.txt': 'works\n' })
    const { run_id: runId } = await stage.client.finish({ ...SHELL_GOAL, cwd })
    const answer = await decide(runId, { decision: 'approve' })
    expect(answer.status).toBe(409)
    expect(problemOf(answer)).toMatchObject({
      code: 'run_not_waiting',
      detail: `Run ${runId} is achieved and not waiting for a decision`,
    })
    const foreign = await decide(runId, { decision: 'approve', gate_id: 'no-such-gate' })
    expect(problemOf(foreign)).toMatchObject({ code: 'run_not_waiting' })
  })
})

describe.each([['stop'], ['kill9']] as const)('a gate survives a restart of the server by %s', how => {
  it('open as it was, and the run goes on after approve', async () => {
    const { runId, gate } = await waitingRun()
    const before = await stage.client.events(runId)
    await stage.restart(how)
    expect(await stage.client.run(runId)).toMatchObject({
      status: 'waiting',
      gate: { gate_id: gate.gate_id },
    })
    expect(await stage.client.events(runId)).toEqual(before)
    const answer = await decide(runId, {
      decision: 'approve',
      gate_id: gate.gate_id,
      reviewed: gate.diff_hash,
    })
    expect(answer.status).toBe(200)
    const run = await stage.client.until(runId, 'achieved')
    expect(run.final_state).toMatchObject({ iteration: 2, goal_achieved: true })
    const events = await stage.client.events(runId)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    // Nothing was asked of the model twice.
    expect(events.filter(({ kind }) => kind === 'model_response')).toHaveLength(repairShellAtSecond.length)
  })

  it('and a decision that was acknowledged holds', async () => {
    const { runId, gate, cwd } = await waitingRun()
    await writeFile(path.join(cwd, 'app.txt'), 'works\n')
    const answer = await decide(runId, { decision: 'approve' })
    await stage.restart(how)
    await stage.client.until(runId, 'achieved')
    expect(await decide(runId, { decision: 'approve', gate_id: gate.gate_id })).toMatchObject({ status: 200 })
    const again = await decide(runId, { decision: 'abort', gate_id: gate.gate_id })
    expect(problemOf(again).detail).toContain((answer.json as Decision).decided_at)
  })
})
