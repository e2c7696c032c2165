// The dashboard's live connection, with the client library that browsers use.
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { type ClientToServer, LIVE_PATH, type ServerToClient, type SubscribeAnswer } from '#lib/contract/live'
import type { RunSummary } from '#lib/contract/runs'
import { bash, repairShell, repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'

type Live = Socket<ServerToClient, ClientToServer>

let stage: Stage
const open: Live[] = []
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect()
})

function connect(transports = ['websocket']): Live {
  const socket: Live = io(stage.server.url, {
    path: LIVE_PATH,
    transports,
    reconnection: false,
    forceNew: true,
  })
  open.push(socket)
  return socket
}

const watchRuns = (socket: Live) => new Promise<{ ok: true }>(done => socket.emit('watch_runs', done))
const watchRun = (socket: Live, runId: string, after: number) =>
  new Promise<SubscribeAnswer>(done => socket.emit('watch_run', { run_id: runId, after }, done))

/** Events of a run as they come over this socket. */
function collect(socket: Live): RunEvent[] {
  const events: RunEvent[] = []
  socket.on('events', message => events.push(...message.events))
  return events
}
const isOver = (events: RunEvent[]) => events.at(-1)?.kind === 'run_end'

describe.each([['websocket'], ['polling']])('over %s', transport => {
  it('says hello, and tells watchers of the list about each change of each run', async () => {
    const socket = connect([transport])
    const hello = await new Promise<{ version: string; epoch: string }>(done => socket.once('hello', done))
    expect(hello).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      epoch: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const rows: RunSummary[] = []
    socket.on('run', row => rows.push(row))
    expect(await watchRuns(socket)).toEqual({ ok: true })
    const cwd = await stage.project(SHELL_PROJECT, repairShell)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
    await waitFor('the list hears of the end', () =>
      rows.some(row => row.run_id === runId && row.status === 'achieved'),
    )
    const mine = rows.filter(row => row.run_id === runId)
    expect(mine[0]).toMatchObject({ status: expect.stringMatching(/queued|running/), last_seq: 0 })
    expect(mine.at(-1)).toEqual((await stage.client.list()).find(row => row.run_id === runId))
    // Never backwards.
    const seqs = mine.map(row => row.last_seq)
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
  })

  it('replays a run and goes on live, without gap or duplicate', async () => {
    const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
    const { last_seq: waitingAt } = await stage.client.until(runId, 'waiting')
    const socket = connect([transport])
    const events = collect(socket)
    expect(await watchRun(socket, runId, 0)).toEqual({
      ok: true,
      last_seq: waitingAt,
      status: 'waiting',
      from: 0,
    })
    await waitFor('the history has come', () => events.length === waitingAt)
    await stage.client.resume(runId, { decision: 'approve' })
    await waitFor('the end has come', () => isOver(events))
    expect(events).toEqual(await stage.client.events(runId))
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  })
})

it('an unknown run is answered, and the connection stays', async () => {
  const socket = connect()
  expect(await watchRun(socket, '00000000-0000-4000-8000-000000000000', 0)).toEqual({
    ok: false,
    error: 'Run not found: 00000000-0000-4000-8000-000000000000',
  })
  expect(await watchRuns(socket)).toEqual({ ok: true })
})

it('nonsense in the place of arguments is answered, and the connection stays', async () => {
  const socket = connect()
  // What the types do not allow, a hostile client sends.
  const send = (...message: unknown[]) =>
    (socket as unknown as { emit(...args: unknown[]): void }).emit(...message)
  send('watch_run')
  send('watch_run', null)
  send('watch_run', { run_id: { $gt: '' }, after: 'x' }, 'no function')
  send('unwatch_run')
  send('unwatch_run', 7)
  send('no_such_message', {})
  expect(await watchRun(socket, '../../etc', Number.NaN)).toMatchObject({ ok: false })
  expect(await watchRuns(socket)).toEqual({ ok: true })
})

it('a dashboard that was cut off comes back with after and has everything once', async () => {
  const script = [
    ...Array.from({ length: 8 }, (_, i) => turn([bash(`echo ${i}; sleep 0.03`)])),
    ...repairShell.slice(0, 1),
  ]
  const cwd = await stage.project(SHELL_PROJECT, script)
  const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd })
  const seen: RunEvent[] = []
  while (!isOver(seen)) {
    const socket = connect()
    const events = collect(socket)
    expect(await watchRun(socket, runId, seen.length)).toMatchObject({ ok: true })
    const some = 1 + Math.floor(Math.random() * 10)
    await waitFor('events come', () => events.length >= some || isOver(events))
    socket.disconnect()
    seen.push(...events)
  }
  expect(seen).toEqual(await stage.client.events(runId))
})

it('after a restart of the server it says so by another epoch, and the run is all there', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShell)
  const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
  const epochOf = (socket: Live) =>
    new Promise<string>(done => socket.once('hello', hello => done(hello.epoch)))
  const before = await epochOf(connect())
  await stage.restart('stop')
  const socket = connect()
  expect(await epochOf(socket)).not.toBe(before)
  const events = collect(socket)
  expect(await watchRun(socket, run.run_id, 0)).toMatchObject({ ok: true, status: 'achieved' })
  await waitFor('the history has come', () => isOver(events))
  expect(events.length).toBe(run.last_seq)
})
