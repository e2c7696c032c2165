import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { ListRunsQuery } from '#lib/contract/runs'
import { bash, patch, repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault, text, toolUse, turn } from '#lib/testing/messages-script'
import { type RunScript, startScripts, startTempRuntime } from '#lib/testing/temp-runtime'
import { waitFor } from '#lib/testing/wait-for'

let models: Awaited<ReturnType<typeof startScripts>>
beforeAll(async () => {
  models = await startScripts()
})
afterAll(() => models.close())

const HANG = [fault.hang({ events: 3 })]
const shellProject = (script: RunScript) => models.project(script, SHELL_PROJECT)
const runtimeOf = (options: { dataDir?: string; maxParallel?: number } = {}) =>
  startTempRuntime({ models: models.server, ...options })
const seqsOf = (events: RunEvent[]) => events.map(({ seq }) => seq)
const kindsOf = (events: RunEvent[]) => events.map(({ kind }) => kind)
const query = (fields: Record<string, unknown> = {}) => ListRunsQuery.parse(fields)

/** A run that waits at its first gate; the next answer repairs the project. */
async function gatedRun(runtime: Awaited<ReturnType<typeof runtimeOf>>) {
  const cwd = shellProject([
    turn([text('I have only looked so far.')]),
    turn([patch('app.txt', 'broken', 'works')]),
    turn([text('Repaired.')]),
  ])
  const { run_id: runId } = await runtime.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  const { gate } = await runtime.untilStatus(runId, 'waiting')
  return { runId, cwd, gateId: gate!.gateId }
}

/** Commands of this machine that mention the text. */
function processesWith(marker: string): string[] {
  const list = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
  return list.split('\n').filter(line => line.includes(marker) && !line.includes('ps -eo'))
}

describe('a decision', () => {
  it('approves the open gate, and the run goes on to its goal', async () => {
    const runtime = await runtimeOf()
    const { runId, gateId, cwd } = await gatedRun(runtime)
    expect(await runtime.runs.gates({ status: 'open' })).toMatchObject([{ gate_id: gateId, run_id: runId }])
    const decision = await runtime.runs.resume(runId, { decision: 'approve', note: 'use sed' }, 'cli')
    expect(decision).toMatchObject({
      gate_id: gateId,
      decision: 'approve',
      decided_by: 'cli',
      note: 'use sed',
    })
    await runtime.untilStatus(runId, 'achieved')
    expect(JSON.stringify(models.requestsOf(cwd)[1]?.body)).toContain('use sed')
    expect(await runtime.runs.gates({ status: 'open' })).toEqual([])
    expect(await runtime.runs.gates({ status: 'decided' })).toMatchObject([
      { gate_id: gateId, decided_by: 'cli' },
    ])
  })

  it('given again is the same record, given otherwise a refusal with who and when', async () => {
    const runtime = await runtimeOf()
    const { runId, gateId } = await gatedRun(runtime)
    const first = await runtime.runs.resume(runId, { decision: 'abort', note: 'no' }, 'dashboard')
    expect(first).toMatchObject({ status: 'aborted', decision: 'abort' })
    const again = await runtime.runs.resume(runId, { decision: 'abort', note: 'never mind' }, 'cli')
    expect(again).toEqual(first)
    expect(await runtime.runs.resume(runId, { decision: 'abort', gate_id: gateId }, 'api')).toEqual(first)
    const otherwise = runtime.runs.resume(runId, { decision: 'approve', gate_id: gateId }, 'api')
    await expect(otherwise).rejects.toMatchObject({
      code: 'gate_decided',
      message: `The gate was already aborted by dashboard at ${first.decided_at}`,
    })
    const events = await runtime.events(runId)
    expect(events.at(-1)?.payload).toMatchObject({
      status: 'aborted',
      reason: 'Aborted at the gate by dashboard: no',
      iterations: 1,
    })
    expect(seqsOf(events)).toEqual(events.map((_, index) => index + 1))
  })

  it('of twenty at once is one: all agree with it or are refused', async () => {
    const runtime = await runtimeOf()
    const { runId, gateId } = await gatedRun(runtime)
    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        runtime.runs.resume(
          runId,
          { decision: index % 3 === 0 ? 'abort' : 'approve', ...(index % 2 ? { gate_id: gateId } : {}) },
          `caller-${index}`,
        ),
      ),
    )
    await runtime.untilStatus(runId, 'achieved', 'aborted')
    const gates = await runtime.runs.gates({})
    expect(gates).toHaveLength(1)
    const [{ decision, decided_by: decidedBy } = { decision: null, decided_by: null }] = gates
    for (const [index, answer] of answers.entries()) {
      const wanted = index % 3 === 0 ? 'abort' : 'approve'
      if (answer.status === 'fulfilled')
        expect(answer.value).toMatchObject({ decision, decided_by: decidedBy })
      else
        expect(answer.reason).toMatchObject({
          code: expect.stringMatching(/^(gate_decided|run_not_waiting)$/),
        })
      if (wanted !== decision) expect(answer.status).toBe('rejected')
    }
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
    const kinds = kindsOf(await runtime.events(runId))
    expect(kinds.filter(kind => kind === 'human_check_response')).toHaveLength(1)
    expect(kinds.filter(kind => kind === 'run_end')).toHaveLength(1)
  })

  it('is refused where no gate is open, for a gate that is not the run’s, and for an unknown run', async () => {
    const runtime = await runtimeOf()
    const { gateId } = await gatedRun(runtime)
    const { run_id: runId } = await runtime.start({
      goal: 'green',
      check_command: 'true',
      cwd: shellProject([]),
    })
    await runtime.untilStatus(runId, 'achieved')
    const notWaiting = { code: 'run_not_waiting' }
    await expect(runtime.runs.resume(runId, { decision: 'approve' }, 'api')).rejects.toMatchObject(notWaiting)
    const foreign = runtime.runs.resume(runId, { decision: 'approve', gate_id: gateId }, 'api')
    await expect(foreign).rejects.toMatchObject(notWaiting)
    const unknown = runtime.runs.resume('nobody', { decision: 'approve' }, 'api')
    await expect(unknown).rejects.toMatchObject({ code: 'run_not_found', message: 'Run not found: nobody' })
  })

  it('about a diff that has changed since it was shown is refused', async () => {
    const runtime = await runtimeOf()
    const { runId, cwd } = await gatedRun(runtime)
    const shown = await runtime.runs.diff(runId, {})
    rmSync(path.join(cwd, 'app.txt'))
    const reviewed = shown!.diff_hash
    const stale = runtime.runs.resume(runId, { decision: 'approve', reviewed }, 'api')
    await expect(stale).rejects.toMatchObject({ code: 'diff_changed' })
    const { diff_hash: current } = (await runtime.runs.diff(runId, {}))!
    const fresh = await runtime.runs.resume(runId, { decision: 'approve', reviewed: current }, 'api')
    expect(fresh.decision).toBe('approve')
    await runtime.runs.abort(runId, { caller: 'api' })
  })
})

describe('an abort', () => {
  it('while the run waits answers the gate and ends the run', async () => {
    const runtime = await runtimeOf()
    const { runId } = await gatedRun(runtime)
    const run = await runtime.runs.abort(runId, { caller: 'cli', reason: ' enough ' })
    expect(run).toMatchObject({ status: 'aborted', gate: null, reason: 'Aborted by cli: enough' })
    expect(await runtime.runs.gates({ status: 'open' })).toEqual([])
    expect(kindsOf(await runtime.events(runId)).slice(-2)).toEqual(['human_check_response', 'run_end'])
  })

  it('while the model answers ends the run and the request, and again gives the same', async () => {
    const runtime = await runtimeOf()
    const cwd = shellProject(HANG)
    const { run_id: runId } = await runtime.start({ ...SHELL_GOAL, cwd })
    await runtime.until(runId, ({ phase }) => phase === 'plan')
    const run = await runtime.runs.abort(runId, { caller: 'api' })
    expect(run).toMatchObject({ status: 'aborted', outcome: 'aborted', iteration: 1 })
    expect(await runtime.runs.abort(runId, { caller: 'api' })).toEqual(run)
    const { run_id: green } = await runtime.start({ goal: 'x', check_command: 'true', cwd })
    await runtime.untilStatus(green, 'achieved')
    await expect(runtime.runs.abort(green, { caller: 'api' })).rejects.toMatchObject({
      code: 'run_not_active',
    })
  })

  it('while the run is queued takes it out of the line', async () => {
    const runtime = await runtimeOf({ maxParallel: 1 })
    const first = await runtime.start({ ...SHELL_GOAL, cwd: shellProject(HANG) })
    const second = await runtime.start({ ...SHELL_GOAL, cwd: shellProject(repairShell) })
    expect(second.status).toBe('queued')
    expect(await runtime.runs.abort(second.run_id, { caller: 'api' })).toMatchObject({ status: 'aborted' })
    await runtime.runs.abort(first.run_id, { caller: 'api' })
    expect(kindsOf(await runtime.events(second.run_id))).toEqual(['run_end'])
  })

  it('kills what a command started, daemons too, within two seconds', async () => {
    const runtime = await runtimeOf()
    const marker = `10${process.pid}${Date.now() % 100_000}`
    const cwd = shellProject([turn([bash(`sleep ${marker} & setsid sleep ${marker}1 & sleep ${marker}2`)])])
    const { run_id: runId } = await runtime.start({ ...SHELL_GOAL, cwd })
    await runtime.until(runId, ({ phase }) => phase === 'act')
    await waitFor('three processes', () => processesWith(`sleep ${marker}`).length >= 3)
    const began = performance.now()
    await runtime.runs.abort(runId, { caller: 'api' })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(processesWith(`sleep ${marker}`)).toEqual([])
    const events = await runtime.events(runId)
    expect(events.slice(-2)).toMatchObject([
      { kind: 'tool_result', payload: { status: 'interrupted', exit_code: null } },
      { kind: 'run_end', payload: { status: 'aborted' } },
    ])
  })

  it('twenty times at once ends the run once', async () => {
    const runtime = await runtimeOf()
    const { run_id: runId } = await runtime.start({ ...SHELL_GOAL, cwd: shellProject(HANG) })
    await runtime.until(runId, ({ phase }) => phase === 'plan')
    const callers = Array.from({ length: 20 }, (_, index) => `caller-${index}`)
    const runs = await Promise.all(callers.map(caller => runtime.runs.abort(runId, { caller })))
    expect(new Set(runs.map(({ reason }) => reason)).size).toBe(1)
    expect(kindsOf(await runtime.events(runId)).filter(kind => kind === 'run_end')).toHaveLength(1)
  })
})

describe('the queue', () => {
  it('drives as many runs as there are slots; the next waits for one, and says so', async () => {
    const runtime = await runtimeOf()
    const start = () => runtime.start({ ...SHELL_GOAL, cwd: shellProject(HANG) })
    const started = await Promise.all([start(), start(), start(), start(), start()])
    const waiting = started.filter(({ status }) => status === 'queued')
    const driven = started.filter(({ status }) => status === 'running')
    expect([driven.length, waiting.length]).toEqual([4, 1])
    const fifth = waiting[0]!.run_id
    expect(await runtime.runs.get(fifth)).toMatchObject({ status: 'queued', last_seq: 0 })
    expect(await runtime.runs.countByStatus()).toMatchObject({ running: 4, queued: 1 })
    await runtime.runs.abort(driven[1]!.run_id, { caller: 'api' })
    expect(await runtime.until(fifth, ({ lastSeq }) => lastSeq > 0)).toMatchObject({ status: 'running' })
    for (const { run_id: runId } of started) await runtime.runs.abort(runId, { caller: 'api' })
  })
})

describe('an Idempotency-Key', () => {
  it('gives the first run again, refuses another body, and starts one run of twenty at once', async () => {
    const runtime = await runtimeOf()
    const cwd = shellProject(HANG)
    const request = { ...SHELL_GOAL, cwd }
    const starts = await Promise.all(Array.from({ length: 20 }, () => runtime.start(request, 'key-1')))
    const ids = new Set(starts.map(({ run_id: runId }) => runId))
    expect(ids.size).toBe(1)
    expect(starts.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect((await runtime.runs.list(query())).runs).toHaveLength(1)
    // The order of the fields does not matter.
    const reordered = { cwd, check_command: SHELL_GOAL.check_command, goal: SHELL_GOAL.goal }
    expect(await runtime.start(reordered, 'key-1')).toMatchObject({ replayed: true })
    const other = runtime.start({ ...request, max_iterations: 3 }, 'key-1')
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    expect(await runtime.start(request, 'key-2')).toMatchObject({ replayed: false })
    for (const { run_id: runId } of (await runtime.runs.list(query())).runs)
      await runtime.runs.abort(runId, { caller: 'api' })
  })
})

describe('a request that cannot work', () => {
  it.each([
    [{ goal: 'shiny' }, '/goal'],
    [{ goal: 'shell-goal' }, '/check_command'],
    [{ ...SHELL_GOAL, cwd: '/no/such/folder' }, '/cwd'],
    [{ ...SHELL_GOAL, cwd: 'relative' }, '/cwd'],
    [{ ...SHELL_GOAL, model_name: 'scripted/none' }, '/model_name'],
    [{ ...SHELL_GOAL, success_condition: { output_regex: '(' } }, '/success_condition/output_regex'],
  ])('is refused with its field, and nothing is stored: %j', async (request, pointer) => {
    const runtime = await runtimeOf()
    const refused = runtime.start({ cwd: shellProject([]), ...request })
    await expect(refused).rejects.toMatchObject({ code: 'invalid', fields: [{ pointer }] })
    expect((await runtime.runs.list(query())).runs).toEqual([])
  })
})

describe('the list', () => {
  it('is filtered, and paged without gaps while runs are added', async () => {
    const runtime = await runtimeOf()
    const cwd = shellProject([])
    const green = () => runtime.start({ goal: 'green', check_command: 'true', cwd, tags: ['x'] })
    const old: string[] = []
    for (let index = 0; index < 7; index += 1) old.push((await green()).run_id)
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page = await runtime.runs.list(query({ limit: 2, ...(cursor ? { cursor } : {}) }))
      seen.push(...page.runs.map(({ run_id: runId }) => runId))
      cursor = page.nextCursor
      await green()
    } while (cursor)
    expect(seen).toEqual(old.reverse())
    const { runs } = await runtime.runs.list(
      query({ q: 'x', cwd, since: '1h', status: 'running,achieved,queued' }),
    )
    expect(runs.length).toBe(11)
    expect((await runtime.runs.list(query({ status: 'failed' }))).runs).toEqual([])
    expect((await runtime.runs.list(query({ since: '2999-01-01T00:00:00Z' }))).runs).toEqual([])
  })

  it('refuses what it does not understand', async () => {
    const runtime = await runtimeOf()
    for (const wrong of [{ status: 'done' }, { since: 'yesterday' }, { cursor: 'abc' }])
      await expect(runtime.runs.list(query(wrong))).rejects.toMatchObject({ code: 'bad_query' })
  })
})

describe('a live run', () => {
  it('can be configured and noted to; both hold from the next step on', async () => {
    const runtime = await runtimeOf()
    const { runId, cwd } = await gatedRun(runtime)
    const run = await runtime.runs.configure(
      runId,
      { max_iterations: 7, hitl_enabled: false, max_cost_usd: 2, model_name: 'claude-haiku-4-5' },
      'dashboard',
    )
    expect(run).toMatchObject({
      max_iterations: 7,
      hitl_enabled: false,
      max_cost_usd: 2,
      model_name: 'claude-haiku-4-5',
    })
    const { seq } = await runtime.runs.addNote(runId, 'mind the tests', 'api')
    expect(seq).toBe(run.last_seq + 1)
    await expect(runtime.runs.configure(runId, { model_name: 'scripted/none' }, 'api')).rejects.toMatchObject(
      { code: 'invalid' },
    )
    await runtime.runs.resume(runId, { decision: 'approve' }, 'api')
    await runtime.untilStatus(runId, 'achieved')
    const next = models.requestsOf(cwd)[1]
    expect(next?.model).toBe('claude-haiku-4-5')
    expect(JSON.stringify(next?.body)).toContain('mind the tests')
    const ended = { code: 'run_not_active' }
    await expect(runtime.runs.addNote(runId, 'late', 'api')).rejects.toMatchObject(ended)
    await expect(runtime.runs.configure(runId, { max_iterations: 1 }, 'api')).rejects.toMatchObject(ended)
  })

  it('is refused a budget in dollars that could not be kept, and a kind of event that there is not', async () => {
    const runtime = await runtimeOf()
    const unpriced = { ...SHELL_GOAL, cwd: shellProject([]), model_name: 'unheard-of-1' }
    const refusal = { code: 'invalid', fields: [{ pointer: '/max_cost_usd' }] }
    await expect(runtime.start({ ...unpriced, max_cost_usd: 1 })).rejects.toMatchObject(refusal)
    const { runId } = await gatedRun(runtime)
    const changes = { model_name: 'unheard-of-1', max_cost_usd: 1 }
    await expect(runtime.runs.configure(runId, changes, 'api')).rejects.toMatchObject(refusal)
    await expect(runtime.runs.events(runId, { kind: 'tool_cal', limit: 10 })).rejects.toMatchObject({
      code: 'bad_query',
    })
  })

  it('shows its iterations and its diff, as a whole and by iteration', async () => {
    const runtime = await runtimeOf()
    const cwd = shellProject([
      turn([toolUse('file_write', { path: 'notes.txt', content: 'looked\n' })]),
      turn([text('Looked.')]),
      turn([patch('app.txt', 'broken', 'works')]),
      turn([text('Repaired.')]),
    ])
    const { run_id: runId } = await runtime.start({ ...SHELL_GOAL, cwd })
    await runtime.untilStatus(runId, 'achieved')
    const iterations = await runtime.runs.iterations(runId)
    expect(iterations).toMatchObject([
      { iteration: 1, achieved: false, tool_calls: 1, diff_stat: { files: 1, insertions: 1, deletions: 0 } },
      { iteration: 2, achieved: true, tool_calls: 1, diff_stat: { files: 1, insertions: 1, deletions: 1 } },
    ])
    const whole = await runtime.runs.diff(runId, {})
    expect(whole?.stat).toMatchObject({ files: 2, insertions: 2, deletions: 1 })
    const second = await runtime.runs.diff(runId, { iteration: 2 })
    expect(second?.patch).toContain('+works')
    expect(second?.patch).not.toContain('notes.txt')
    // Several iterations, both ends included.
    expect(await runtime.runs.diff(runId, { from: 1, to: 2 })).toEqual(whole)
    expect(await runtime.runs.diff(runId, { from: 2 })).toEqual(second)
    expect((await runtime.runs.diff(runId, { to: 1 }))?.stat).toMatchObject({ files: 1, insertions: 1 })
    for (const query of [
      { from: 2, to: 1 },
      { iteration: 1, to: 2 },
      { against: runId, from: 1 },
    ])
      await expect(runtime.runs.diff(runId, query)).rejects.toMatchObject({ code: 'bad_query' })
    await expect(runtime.runs.diff(runId, { to: 3 })).rejects.toMatchObject({ code: 'not_found' })
    // An ended run is shown as it ended.
    rmSync(path.join(cwd, 'app.txt'))
    expect(await runtime.runs.diff(runId, {})).toEqual(whole)
    await expect(runtime.runs.diff(runId, { iteration: 3 })).rejects.toMatchObject({ code: 'not_found' })
    rmSync(cwd, { recursive: true })
    await expect(runtime.runs.diff(runId, {})).rejects.toMatchObject({ code: 'not_found' })
  })

  it('is waited for until its status changes, or the time is over, or the caller is gone', async () => {
    const runtime = await runtimeOf()
    const { runId } = await gatedRun(runtime)
    const never = new AbortController()
    const waited = runtime.runs.waitForChange(runId, 60, never.signal)
    await runtime.runs.abort(runId, { caller: 'api' })
    expect(await waited).toMatchObject({ status: 'aborted' })
    expect(await runtime.runs.waitForChange(runId, 60, never.signal)).toMatchObject({ status: 'aborted' })
    const other = await gatedRun(runtime)
    expect(await runtime.runs.waitForChange(other.runId, 0.05, never.signal)).toMatchObject({
      status: 'waiting',
    })
    const gone = await runtime.runs.waitForChange(other.runId, 60, AbortSignal.abort())
    expect(gone).toMatchObject({ status: 'waiting' })
    await expect(runtime.runs.waitForChange('nobody', 1, never.signal)).rejects.toMatchObject({
      code: 'run_not_found',
    })
  })

  it('is announced to listeners with each change, until they stop', async () => {
    const runtime = await runtimeOf()
    const heard: string[] = []
    const stop = runtime.runs.onChange(({ status, last_seq: seq }) => heard.push(`${status} ${seq}`))
    const { run_id: runId } = await runtime.start({
      goal: 'green',
      check_command: 'true',
      cwd: shellProject([]),
    })
    await runtime.untilStatus(runId, 'achieved')
    expect(heard[0]).toBe('running 0')
    expect(heard.at(-1)).toMatch(/^achieved/)
    stop()
    const before = heard.length
    const { run_id: second } = await runtime.start({
      goal: 'green',
      check_command: 'true',
      cwd: shellProject([]),
    })
    await runtime.untilStatus(second, 'achieved')
    expect(heard).toHaveLength(before)
  })
})

describe('a restart', () => {
  it('keeps an open gate open, and the run goes on when it is decided', async () => {
    const before = await runtimeOf()
    const { runId, gateId } = await gatedRun(before)
    const events = await before.events(runId)
    await before.close()
    const after = await runtimeOf({ dataDir: before.dataDir })
    expect(await after.events(runId)).toEqual(events)
    expect(await after.runs.get(runId)).toMatchObject({ status: 'waiting', gate: { gate_id: gateId } })
    await after.runs.resume(runId, { decision: 'approve' }, 'api')
    await after.untilStatus(runId, 'achieved')
    const all = await after.events(runId)
    expect(seqsOf(all)).toEqual(all.map((_, index) => index + 1))
  })

  it('in the middle of a command reports it as interrupted, and the run reaches its goal', async () => {
    const before = await runtimeOf()
    const cwd = shellProject([
      turn([bash('echo once >> ledger; sleep 1000')]),
      turn([patch('app.txt', 'broken', 'works')]),
      turn([text('Repaired.')]),
    ])
    const { run_id: runId } = await before.start({ ...SHELL_GOAL, cwd })
    await before.until(runId, ({ phase }) => phase === 'act')
    await waitFor('the command runs', () => existsSync(path.join(cwd, 'ledger')))
    await before.close()

    const after = await runtimeOf({ dataDir: before.dataDir })
    await after.untilStatus(runId, 'achieved')
    const events = await after.events(runId)
    expect(seqsOf(events)).toEqual(events.map((_, index) => index + 1))
    const recovered = events.find(event => event.kind === 'recovered')
    expect(recovered?.payload).toMatchObject({ interrupted_calls: [expect.any(String)] })
    const results = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload.status] : []))
    expect(results).toEqual(['interrupted', 'ok'])
    expect(readFileSync(path.join(cwd, 'ledger'), 'utf8')).toBe('once\n')
    expect(models.requestsOf(cwd)).toHaveLength(3)
  })

  it('while the model answered asks it again, and takes up the queue in its order', async () => {
    const before = await runtimeOf({ maxParallel: 1 })
    let isHanging = true
    const cwd = shellProject(request => (isHanging ? HANG[0]! : repairShell[request.assistantMessages]!))
    const { run_id: first } = await before.start({ ...SHELL_GOAL, cwd })
    const { run_id: second } = await before.start({ ...SHELL_GOAL, cwd: shellProject(repairShell) })
    await before.until(first, ({ phase }) => phase === 'plan')
    await before.close()
    isHanging = false
    const after = await runtimeOf({ dataDir: before.dataDir, maxParallel: 1 })
    await after.untilStatus(second, 'achieved')
    expect(await after.runs.get(first)).toMatchObject({ status: 'achieved', iteration: 1 })
  })

  it('finds the folder of a run gone: the run ends with what it had done', async () => {
    const before = await runtimeOf()
    const { runId, cwd } = await gatedRun(before)
    const { totalTokens } = await before.journal.record(runId)
    await before.close()
    rmSync(cwd, { recursive: true })
    const after = await runtimeOf({ dataDir: before.dataDir })
    await after.runs.resume(runId, { decision: 'approve' }, 'api')
    await after.untilStatus(runId, 'failed')
    expect(totalTokens).toBeGreaterThan(0)
    const run = await after.runs.get(runId)
    expect(run).toMatchObject({
      outcome: 'internal_error',
      final_state: { iteration: 1, total_tokens: totalTokens, goal_achieved: false },
    })
    expect(run.error).toContain('does not exist')
  })

  it('is refused new work once it began', async () => {
    const runtime = await runtimeOf()
    await runtime.close()
    await expect(runtime.start({ ...SHELL_GOAL, cwd: shellProject([]) })).rejects.toMatchObject({
      code: 'stopping',
    })
  })
})

describe('a model out of reach', () => {
  it('pauses the run, which is taken up by hand with a note', async () => {
    const runtime = await runtimeOf()
    let isDown = true
    const cwd = shellProject(request =>
      isDown ? fault.status(529) : repairShell[request.assistantMessages]!,
    )
    const { run_id: runId } = await runtime.start({ ...SHELL_GOAL, cwd })
    await runtime.untilStatus(runId, 'paused')
    isDown = false
    const answer = await runtime.runs.resume(runId, { decision: 'approve', note: 'try again' }, 'cli')
    expect(answer).toMatchObject({ gate_id: null, decision: 'approve', decided_by: 'cli' })
    await runtime.untilStatus(runId, 'achieved')
    expect(JSON.stringify(models.requestsOf(cwd).at(-1)?.body)).toContain('try again')
  })

  it('pauses the run, which can be aborted', async () => {
    const runtime = await runtimeOf()
    const { run_id: runId } = await runtime.start({
      ...SHELL_GOAL,
      cwd: shellProject(() => fault.status(529)),
    })
    await runtime.untilStatus(runId, 'paused')
    const answer = await runtime.runs.resume(runId, { decision: 'abort' }, 'cli')
    expect(answer).toMatchObject({ status: 'aborted', decision: 'abort' })
  })
})

describe('readiness', () => {
  it('says what works, and no once the server stops', async () => {
    const runtime = await runtimeOf()
    expect(await runtime.readiness()).toMatchObject({ ready: true, version: '0.0.0-test' })
    await runtime.close()
    expect(await runtime.readiness()).toMatchObject({ ready: false })
  })
})
