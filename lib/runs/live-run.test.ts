// What happens to a run at moments that tests from outside cannot hit: the disk is full, a person aborts while a gate opens.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { NO_GATES } from '#lib/contract/gate-policy'
import { AppError } from '#lib/errors'
import { createJournal } from '#lib/events/journal'
import type { Model, Models } from '#lib/models/model'
import { createAcceptedConfigs } from '#lib/store/accepted-configs'
import type { Append, RunRecord } from '#lib/store/types'
import { tempFolder } from '#lib/testing/temp-folder'
import { openTempStore } from '#lib/testing/temp-store'
import { tools } from '#lib/tools/registry'
import { createSpawner } from '#lib/workspace/spawner'
import { createWorkspaces } from '#lib/workspace/workspaces'
import { driveRun, type StopReason } from './live-run.ts'

const USAGE = {
  input_tokens: 1,
  output_tokens: 1,
  cache_read_input_tokens: 0,
  cache_creation_input_tokens: 0,
}

/** A run on real parts, whose model writes a file; `onCommit` comes before each commit and may refuse it. */
async function prepare(fields: Partial<RunRecord>, onCommit: (events: RunEvent[]) => void = () => {}) {
  const store = await openTempStore()
  const journal = createJournal({
    store: {
      ...store,
      commit: async (appends: Append[]) => {
        onCommit(appends.flatMap(({ events }) => events))
        await store.commit(appends)
      },
    },
  })
  const dataDir = tempFolder('data')
  const workspaces = createWorkspaces({ dataDir, spawner: createSpawner() })
  onTestFinished(() => workspaces.close())
  const cwd = tempFolder('project')
  const run = await store.newRun({ cwd, ...fields })
  const model: Model = {
    name: 'literal',
    scripted: true,
    priced: true,
    contextWindow: null,
    complete: async ({ messages }) => ({
      content:
        messages.length === 1
          ? [
              {
                type: 'tool_use',
                id: 'call_1',
                name: 'file_write',
                input: { path: 'new.txt', content: 'new' },
              },
            ]
          : [{ type: 'text', text: 'Done.' }],
      stopReason: messages.length === 1 ? 'tool_use' : 'end_turn',
      usage: USAGE,
      costUsd: 0,
      model: 'literal',
      durationMs: 1,
      attempts: 1,
      malformedArgs: {},
    }),
  }
  const models: Models = { get: () => model, list: () => [] }
  const parts = {
    journal,
    models,
    tools,
    workspaces,
    dataDir,
    sandbox: { mode: 'off' },
    store,
    version: '0.0.0',
    variables: () => [],
    disk: { isFull: false, release: async () => {} },
    accepted: createAcceptedConfigs(dataDir),
    commandPolicy: {},
    log: () => {},
  }
  return {
    store,
    cwd,
    run,
    drive: (signal = new AbortController().signal) => driveRun(run.id, parts, { signal, draining: signal }),
    kinds: async () => (await store.readEvents(run.id, { limit: 1000 })).map(({ kind }) => kind),
  }
}

const abort: StopReason = { kind: 'abort', by: 'cli', reason: 'enough' }
const full = () => new AppError('disk_full', 'The disk is full: free some space, then try again')

describe('a run', () => {
  it('that is aborted while its gate opens leaves no gate open', async () => {
    const controller = new AbortController()
    const { store, drive, run, kinds } = await prepare(
      { gatePolicy: { ...NO_GATES, mode: 'each' } },
      events => {
        if (events.some(({ kind }) => kind === 'human_check_required')) controller.abort(abort)
      },
    )
    expect(await drive(controller.signal)).toBe('ended')
    expect((await kinds()).slice(-3)).toEqual(['human_check_required', 'human_check_response', 'run_end'])
    expect(await store.listGates({ open: true, limit: 10 })).toEqual([])
    expect(await store.latestGate(run.id)).toMatchObject({
      decision: 'abort',
      decidedBy: 'cli',
      note: 'enough',
    })
  })

  it('in whose scope something threw fails with an error event, and says what it was', async () => {
    const controller = new AbortController()
    const { drive, store, run, kinds } = await prepare({}, events => {
      if (events.some(({ kind }) => kind === 'tool_call'))
        controller.abort({ kind: 'fault', error: new Error('thrown in a timer') } satisfies StopReason)
    })
    expect(await drive(controller.signal)).toBe('ended')
    expect((await kinds()).slice(-3)).toEqual(['error', 'tool_result', 'run_end'])
    expect(await store.getRun(run.id)).toMatchObject({
      status: 'failed',
      outcome: 'internal_error',
      error: 'thrown in a timer',
    })
  })

  it('pauses while the disk is full, and goes on from its last stored step', async () => {
    let isFull = false
    const { store, cwd, drive, run } = await prepare({}, events => {
      // A large event does not fit; the small one that says so does.
      if (isFull && events.some(({ kind }) => kind === 'tool_result')) throw full()
      if (events.some(({ kind }) => kind === 'tool_call')) isFull = true
    })
    expect(await drive()).toBe('paused')
    const paused = (await store.readEvents(run.id, { limit: 1000 })).at(-1)
    expect(paused).toMatchObject({
      kind: 'paused',
      // Not by the clock: as soon as there is room.
      payload: { reason: 'disk_full', retry_at: null },
    })
    expect(await store.getRun(run.id)).toMatchObject({ status: 'paused', error: null })

    isFull = false
    writeFileSync(path.join(cwd, 'done'), '')
    expect(await drive()).toBe('ended')
    const events = await store.readEvents(run.id, { limit: 1000 })
    const results = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload.status] : []))
    expect(results).toEqual(['interrupted'])
    expect(events.at(-1)).toMatchObject({ kind: 'run_end', payload: { status: 'achieved' } })
  })

  it('for which not even that can be stored is left as it is, and driven again from there', async () => {
    let isFull = false
    let wasFull = false
    const { store, cwd, drive, run, kinds } = await prepare({}, events => {
      if (!wasFull && events.some(({ kind }) => kind === 'tool_call')) isFull = wasFull = true
      if (isFull) throw full()
    })
    expect(await drive()).toBe('stuck')
    expect((await kinds()).at(-1)).toBe('llm_usage')
    isFull = false
    writeFileSync(path.join(cwd, 'done'), '')
    expect(await drive()).toBe('ended')
    // The call was never stored, so it had never been made.
    const events = await store.readEvents(run.id, { limit: 1000 })
    const results = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload.status] : []))
    expect(results).toEqual(['ok'])
    expect(events.at(-1)).toMatchObject({ kind: 'run_end', payload: { status: 'achieved' } })
  })

  it('that fails within ends with the error, its trace, and a sentence', async () => {
    const { store, drive, run } = await prepare({}, events => {
      if (events.some(({ kind }) => kind === 'goal_check')) throw new Error('a fault of ours')
    })
    expect(await drive()).toBe('ended')
    const events = await store.readEvents(run.id, { limit: 1000 })
    expect(events.slice(-2)).toMatchObject([
      {
        kind: 'error',
        payload: { message: 'a fault of ours', traceback: expect.stringContaining('live-run') },
      },
      {
        kind: 'run_end',
        payload: { status: 'failed', outcome: 'internal_error', reason: 'a fault of ours' },
      },
    ])
    expect(await store.getRun(run.id)).toMatchObject({ status: 'failed', error: 'a fault of ours' })
  })

  it('that has ended is not driven again, and one that nobody knows is reported', async () => {
    const { cwd, drive, kinds } = await prepare({})
    writeFileSync(path.join(cwd, 'done'), '')
    expect(await drive()).toBe('ended')
    const before = await kinds()
    expect(before).toEqual(['run_start', 'step_start', 'goal_check', 'run_end'])
    expect(await drive()).toBe('ended')
    expect(await kinds()).toEqual(before)
  })

  it('that is stopped for a shutdown is left without an end', async () => {
    const controller = new AbortController()
    const { drive, kinds } = await prepare({}, events => {
      if (events.some(({ kind }) => kind === 'goal_check')) controller.abort({ kind: 'shutdown' })
    })
    expect(await drive(controller.signal)).toBe('stopped')
    expect((await kinds()).at(-1)).toBe('goal_check')
  })
})
