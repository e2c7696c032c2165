// Clients that stop reading while a run makes many events: they cost little memory, are let go, and come back to all of it;
// the others do not notice.
import { setTimeout as sleep } from 'node:timers/promises'
import { io } from 'socket.io-client'
import WebSocket from 'ws'
import { LIVE_PATH } from '#lib/contract/live'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { residentMiB } from './marked-processes.ts'
import { sendNotes, startWaitingRun } from './note-source.ts'
import { keepFollowing } from './persistent-client.ts'
import type { Scenario } from './scenario.ts'
import { storeNotes } from './stored-runs.ts'

const EVENT_BYTES = 2048
// Live events cost a request each, so the many are stored beforehand, and replayed; the system's own buffers take up to 12 MB
// before the server notices that somebody does not read.
const SIZES = {
  quick: { stored: 9000, live: 200, reading: 3, warmUp: 9000, rounds: 4 },
  full: { stored: 100_000, live: 3000, reading: 20, warmUp: 100_000, rounds: 1 },
}
const MAX_GROWTH_MIB = 64
/** A client that is less behind is sent it all. */
const NOT_FETCHED = 900
const MAX_P99_MS = 250
const DROPPED = /a slow WebSocket client was dropped/

export const stalled: Scenario = {
  name: 'stalled',
  promise:
    'A client that stops reading costs the server less than 64 MiB, is closed with 1013 and comes back to every event; others get each event within 250 ms (p99)',
  async run({ scale, bundle, log }) {
    const size = SIZES[scale]
    const broken: string[] = []
    // A small heap: what a lazy collector leaves lying about is not what a client costs.
    const stage = await openStage({
      bundle,
      env: { NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=8' },
    })
    try {
      const runId = await startWaitingRun(stage)
      await stage.server.kill9()
      await storeNotes(stage.server.dataDir, runId, size.stored, EVENT_BYTES)
      await stage.restart('kill9')
      const { last_seq: stored } = await stage.client.run(runId)
      log(`${stored} events are stored`)

      // The same load, first without the stalled, and until it has all the memory it wants: that is not for them.
      const memory = watchMemory(stage.server.pid)
      const url = () => stage.server.url
      const replayToAll = async (after: number) => {
        const delays: number[] = []
        const clients = Array.from({ length: size.reading }, () =>
          keepFollowing({
            url,
            runId,
            after,
            onEvent: ({ seq, ts }) => seq > stored && delays.push(Date.now() - ts * 1000),
          }),
        )
        const areUpToDate = () => clients.every(client => client.last() >= stored)
        await waitFor('all clients are up to date', areUpToDate, { limitMs: 600_000, everyMs: 100 })
        return { clients, delays }
      }
      for (let round = 0; round < size.rounds; round++) {
        const { clients } = await replayToAll(stored - size.warmUp)
        for (const client of clients) client.stop()
      }
      const before = memory.takePeak()
      log(`replayed to ${size.reading} clients that read: ${before.toFixed(0)} MiB`)

      const webSocket = await stalledWebSocket(stage, runId)
      const socketIo = await stalledSocketIo(stage, runId)
      const [{ clients, delays }] = await Promise.all([
        replayToAll(0),
        // It must read again soon after it was let go, or it does not hear why.
        waitFor('the stalled client is let go', () => DROPPED.test(stage.server.stderr()), {
          limitMs: 300_000,
        }).then(webSocket.readOn, () => {
          broken.push('the stalled client was not let go')
          webSocket.leave()
        }),
      ])
      // Where another client was let go, and this one reads on, it is never closed: said by its code.
      const closed = await Promise.race([webSocket.closed, sleep(120_000).then(() => ({ code: 0, last: 0 }))])
      if (closed.code !== 1013)
        broken.push(`the stalled client was closed with ${closed.code} instead of 1013`)
      log(`replayed again, beside those that do not read: ${memory.peak().toFixed(0)} MiB`)

      const again = await stalledWebSocket(stage, runId)
      await sendNotes(stage, [runId], {
        isEnough: sent => sent >= size.live,
        inFlight: 2,
        bytes: EVENT_BYTES,
      })
      const peak = memory.takePeak()
      memory.stop()
      again.leave()
      const { last_seq: lastSeq } = await stage.client.run(runId)
      await waitFor('all clients are up to date', () => clients.every(client => client.last() === lastSeq))

      const sorted = delays.toSorted((a, b) => a - b)
      const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
      const rest = await restOf(stage, runId, closed.last, lastSeq)
      if (rest.gaps > 0) broken.push(`the stalled client came back and missed ${rest.gaps} events`)
      const caught = await socketIo.catchUp(lastSeq)
      if (caught.faults > 0)
        broken.push(`the stalled socket.io client has ${caught.faults} gaps or duplicates`)
      if (peak - before > MAX_GROWTH_MIB) broken.push(`the server grew by ${(peak - before).toFixed(0)} MiB`)
      if (!(p99 <= MAX_P99_MS))
        broken.push(`other clients got 1 in 100 events later than ${p99.toFixed(0)} ms`)
      for (const client of clients) {
        broken.push(...client.faults)
        if (client.connections() > 1) broken.push('a client that reads was let go')
        client.stop()
      }
      await stage.client.ok('POST', `/api/runs/${runId}/abort`, { body: {} })
      return {
        figures: {
          'events replayed to each': stored,
          'clients that read': size.reading,
          'memory without the stalled MiB': Math.round(before),
          'growth with the stalled MiB': Math.round(peak - before),
          'live events': size.live,
          'delivery p50 ms': Math.round(sorted[sorted.length >> 1] ?? Number.NaN),
          'delivery p99 ms': Math.round(p99),
          'stalled WebSocket closed with': closed.code,
          'events it had read': closed.last,
          'events after it came back': rest.read,
          'reconnects of the stalled socket.io': caught.reconnects,
        },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

function watchMemory(pid: number) {
  let peak = 0
  const timer = setInterval(async () => {
    peak = Math.max(peak, await residentMiB(pid).catch(() => 0))
  }, 100)
  return {
    peak: () => peak,
    /** The highest value since the last look. */
    takePeak() {
      const seen = peak
      peak = 0
      return seen
    },
    stop: () => clearInterval(timer),
  }
}

async function stalledWebSocket(stage: Stage, runId: string) {
  const socket = new WebSocket(`${stage.server.url.replace(/^http/, 'ws')}/api/ws/${runId}`)
  let last = 0
  socket.on('message', data => {
    last = seqOf(data.toString())
  })
  const closed = new Promise<{ code: number; last: number }>(resolve => {
    socket.on('close', code => resolve({ code, last }))
  })
  socket.on('error', () => {}) // followed by close
  await new Promise(resolve => socket.on('open', resolve))
  socket.pause()
  return { closed, readOn: () => socket.resume(), leave: () => socket.terminate() }
}

/** A dashboard whose tab sleeps: it listens to the list and to one run. */
async function stalledSocketIo(stage: Stage, runId: string) {
  // It stalls with as much on its way as is sent without being fetched.
  let last = (await stage.client.run(runId)).last_seq - NOT_FETCHED
  const socket = io(stage.server.url, { path: LIVE_PATH, transports: ['websocket'] })
  let faults = 0
  let reconnects = -1
  /** What came while that which is before it was being fetched; null: nothing is. */
  let waiting: number[] | null = null
  const take = (seqs: number[]) => {
    for (const seq of seqs) {
      if (seq !== last + 1) faults++
      last = Math.max(last, seq)
    }
  }
  socket.on('events', ({ events }: { events: { seq: number }[] }) => {
    const seqs = events.map(({ seq }) => seq)
    if (waiting) waiting.push(...seqs)
    else take(seqs)
  })
  /** As the dashboard does: who is far behind is told from where on events come, and fetches those before. */
  async function watchRun() {
    waiting = []
    const { from }: { from: number } = await socket.emitWithAck('watch_run', { run_id: runId, after: last })
    while (last < from) {
      const page = await stage.client.events(runId, `?after=${last}&limit=1000`)
      if (page.length === 0) throw new Error(`There are no events between ${last} and ${from}`)
      take(page.map(({ seq }) => seq).filter(seq => seq <= from))
    }
    take(waiting)
    waiting = null
  }
  const watching = new Promise<void>((resolve, reject) => {
    socket.on('connect', async () => {
      reconnects++
      await socket.emitWithAck('watch_runs')
      await watchRun().then(resolve, reject)
    })
  })
  await watching
  // The library keeps the socket to itself; what it uses in Node is a `ws` socket.
  const { transport } = socket.io.engine as unknown as { transport: { ws: WebSocket } }
  const { ws } = transport
  ws.pause()
  return {
    async catchUp(lastSeq: number) {
      // It may have given up and connected again by itself.
      ws.resume()
      await waitFor('the socket.io client is up to date', () => last >= lastSeq, { limitMs: 120_000 })
      socket.disconnect()
      return { faults, reconnects }
    },
  }
}

async function restOf(stage: Stage, runId: string, after: number, until: number) {
  const socket = new WebSocket(`${stage.server.url.replace(/^http/, 'ws')}/api/ws/${runId}?after=${after}`)
  let last = after
  let gaps = 0
  socket.on('message', data => {
    const seq = seqOf(data.toString())
    if (seq !== last + 1) gaps++
    last = seq
  })
  while (last < until) await sleep(20)
  socket.terminate()
  return { gaps, read: last - after }
}

const seqOf = (frame: string) => (JSON.parse(frame) as { seq: number }).seq
