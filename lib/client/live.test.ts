import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { afterEach, expect, test, vi } from 'vitest'
import type { RunEvent } from '../contract/event.ts'
import { type ClientToServer, LIVE_PATH, type ServerToClient } from '../contract/live.ts'
import { createLive, type Live, type LiveSocket } from './live.ts'

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})

const log = (seq: number): RunEvent => ({
  kind: 'log',
  run_id: 'r1',
  iteration: 0,
  seq,
  ts: seq,
  payload: { level: 'info', message: `line ${seq}` },
})

/** A server of the dashboard's protocol over a journal in memory. */
async function serve(journal: RunEvent[], { port = 0, epoch = 'first' } = {}) {
  const http: HttpServer = createServer()
  const server = new Server<ClientToServer, ServerToClient>(http, { path: LIVE_PATH })
  const asked: number[] = []
  const reviewed: string[] = []
  let listWatchers = 0
  server.on('connection', socket => {
    socket.emit('hello', { version: '0.1.0', epoch })
    socket.on('review', ({ gate_id, browser }) => {
      reviewed.push(`${gate_id} ${browser}`)
      socket.emit('reviewers', { gate_id, others: [{ is_same_browser: false }] })
    })
    socket.on('unreview', ({ gate_id }) => reviewed.push(`no ${gate_id}`))
    socket.on('watch_runs', done => {
      socket.emit('spend', { usd: 4.12, since: '2027-01-15T00:00:00Z', unpriced_calls: 0 })
      listWatchers++
      done({ ok: true })
    })
    socket.on('watch_run', ({ run_id, after }, done) => {
      asked.push(after)
      done({ ok: true, last_seq: journal.length, status: 'running', from: after })
      socket.emit('events', { run_id, events: journal.filter(e => e.seq > after) })
    })
  })
  await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve))
  const stop = () => new Promise<void>(resolve => void server.close(() => resolve()))
  ending.push(stop)
  return {
    port: (http.address() as AddressInfo).port,
    asked,
    reviewed,
    listWatchers: () => listWatchers,
    stop,
    dropAll: () => server.disconnectSockets(true),
    send: (events: RunEvent[]) => server.emit('events', { run_id: 'r1', events }),
  }
}

function connect(port: number): Live {
  const live = createLive({
    open: async () => {
      const socket: LiveSocket = io(`http://127.0.0.1:${port}`, {
        path: LIVE_PATH,
        transports: ['websocket'],
        autoConnect: false,
        reconnection: false,
      })
      return socket
    },
  })
  ending.push(() => live.close())
  return live
}

test('after a broken connection the run goes on after the last event seen, with no gap and no duplicate', async () => {
  const journal = [log(1), log(2), log(3)]
  const server = await serve(journal)
  const live = connect(server.port)
  const seqs: number[] = []
  live.watchRun('r1', 1, events => seqs.push(...events.map(e => e.seq)))
  await vi.waitFor(() => expect(seqs).toEqual([2, 3]))

  server.dropAll()
  await vi.waitFor(() => expect(live.connection.get().state).toBe('reconnecting'))
  journal.push(log(4), log(5))
  live.retry()

  await vi.waitFor(() => expect(seqs).toEqual([2, 3, 4, 5]), 5000)
  expect(server.asked).toEqual([1, 3])
  expect(live.connection.get()).toMatchObject({ state: 'live', version: '0.1.0' })
})

test('it reconnects by itself', async () => {
  const server = await serve([log(1)])
  const live = connect(server.port)
  const states: string[] = []
  live.connection.subscribe(() => states.push(live.connection.get().state))
  await vi.waitFor(() => expect(live.connection.get().state).toBe('live'))
  server.dropAll()
  await vi.waitFor(() => expect(states.join()).toMatch(/reconnecting,live$/), 5000)
})

test('a second watcher that has seen less gets what it misses, the first gets nothing twice', async () => {
  const server = await serve([log(1), log(2), log(3)])
  const live = connect(server.port)
  const first: number[] = []
  const second: number[] = []
  live.watchRun('r1', 2, events => first.push(...events.map(e => e.seq)))
  await vi.waitFor(() => expect(first).toEqual([3]))
  live.watchRun('r1', 0, events => second.push(...events.map(e => e.seq)))
  await vi.waitFor(() => expect(second).toEqual([1, 2, 3]))
  server.send([log(3), log(4)])
  await vi.waitFor(() => expect(first).toEqual([3, 4]))
  expect(second).toEqual([1, 2, 3, 4])
})

test('whoever watches the list is told to fetch it again after each connection', async () => {
  const server = await serve([])
  const live = connect(server.port)
  let resyncs = 0
  live.watchRuns({ onRun: () => {}, onResync: () => resyncs++ })
  await vi.waitFor(() => expect(resyncs).toBe(1))
  server.dropAll()
  await vi.waitFor(() => expect(resyncs).toBe(2), 5000)
  expect(server.listWatchers()).toBe(2)
})

test('a restarted server is noticed by its epoch', async () => {
  const before = await serve([log(1)])
  const live = connect(before.port)
  const notices: string[] = []
  live.watchRun(
    'r1',
    0,
    () => {},
    undefined,
    notice => notices.push(notice.kind),
  )
  await vi.waitFor(() => expect(notices).toEqual(['subscribed']))
  await before.stop()
  await serve([log(1)], { port: before.port, epoch: 'second' })
  await vi.waitFor(
    () => expect(notices.toSorted()).toEqual(['restarted', 'subscribed', 'subscribed']),
    10_000,
  )
})

test('who stops watching hears nothing more', async () => {
  const server = await serve([log(1)])
  const live = connect(server.port)
  const left: number[] = []
  const stays: number[] = []
  const stop = live.watchRun('r1', 0, events => left.push(...events.map(e => e.seq)))
  live.watchRun('r1', 0, events => stays.push(...events.map(e => e.seq)))
  await vi.waitFor(() => expect([left, stays]).toEqual([[1], [1]]))
  stop()
  server.send([log(2)])
  await vi.waitFor(() => expect(stays).toEqual([1, 2]))
  expect(left).toEqual([1])
})

test('a gate that is looked at is said again after a break, and nobody is shown there meanwhile', async () => {
  const server = await serve([])
  const live = connect(server.port)
  const heard: number[] = []
  const stop = live.review('g1', 'mine', others => heard.push(others.length))
  await vi.waitFor(() => expect(heard).toEqual([1]))
  server.dropAll()
  await vi.waitFor(() => expect(heard).toEqual([1, 0, 1]))
  expect(server.reviewed).toEqual(['g1 mine', 'g1 mine'])
  stop()
  await vi.waitFor(() => expect(server.reviewed.at(-1)).toBe('no g1'))
})

test('what was spent today comes with the list', async () => {
  const server = await serve([])
  const live = connect(server.port)
  expect(live.spend.get()).toBeNull()
  let changes = 0
  live.spend.subscribe(() => changes++)
  live.watchRuns({ onRun() {} })
  await vi.waitFor(() => expect(live.spend.get()?.usd).toBe(4.12))
  expect(changes).toBe(1)
})
