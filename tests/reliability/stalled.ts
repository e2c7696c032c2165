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

// The warm-up shows what the load itself costs, with all clients reading. The system's own buffers take up to 12 MB before the
// server notices anything, so that a few events must be large ones.
const SIZES = {
  quick: { warmUp: 300, events: 2000, bytes: 16_384, normal: 3 },
  full: { warmUp: 20_000, events: 100_000, bytes: 2048, normal: 20 },
}
const IN_FLIGHT = 8
const MAX_GROWTH_MIB = 64
const MAX_P99_MS = 250
const DROPPED = /a slow WebSocket client was dropped/

export const stalled: Scenario = {
  name: 'stalled',
  promise:
    'A client that stops reading costs the server less than 64 MiB, is closed with 1013 and comes back to every event; others get each event within 250 ms (p99)',
  async run({ scale, bundle, log }) {
    const size = SIZES[scale]
    const broken: string[] = []
    const stage = await openStage({ bundle })
    try {
      const runId = await startWaitingRun(stage)
      const delays: number[] = []
      const normal = Array.from({ length: size.normal }, () =>
        keepFollowing({
          url: () => stage.server.url,
          runId,
          onEvent: ({ ts }) => delays.push(Date.now() - ts * 1000),
        }),
      )
      const memory = watchMemory(stage.server.pid)
      const load = (events: number) =>
        sendNotes(stage, [runId], {
          isEnough: sent => sent >= events,
          inFlight: IN_FLIGHT,
          bytes: size.bytes,
        })
      await load(size.warmUp)
      const warm = memory.takePeak()
      log(`${size.warmUp} events with all clients reading: ${warm.toFixed(0)} MiB`)

      delays.length = 0
      const webSocket = await stalledWebSocket(stage, runId)
      const socketIo = await stalledSocketIo(stage, runId)
      const began = performance.now()
      const loading = load(size.events)
      // It must read again soon after it was let go, or it does not hear why.
      let isLoaded = false
      void loading.then(() => {
        isLoaded = true
      })
      while (!isLoaded && !DROPPED.test(stage.server.stdout())) await sleep(100)
      await waitFor('the stalled client is let go', () => DROPPED.test(stage.server.stdout()), {
        limitMs: 20_000,
      }).catch(() => broken.push('the stalled client was not let go'))
      webSocket.readOn()
      const closed = await webSocket.closed
      if (closed.code !== 1013)
        broken.push(`the stalled client was closed with ${closed.code} instead of 1013`)
      await loading
      const seconds = (performance.now() - began) / 1000
      const peak = memory.takePeak()
      memory.stop()

      const { last_seq: lastSeq } = await stage.client.run(runId)
      await waitFor('all clients are up to date', () => normal.every(client => client.last() === lastSeq), {
        limitMs: 60_000,
      })
      const sorted = delays.toSorted((a, b) => a - b)
      const p99 = sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
      const rest = await restOf(stage, runId, closed.last, lastSeq)
      if (rest.gaps > 0) broken.push(`the stalled client came back and missed ${rest.gaps} events`)
      const caught = await socketIo.catchUp(lastSeq)
      if (caught.faults > 0)
        broken.push(`the stalled socket.io client has ${caught.faults} gaps or duplicates`)
      if (peak - warm > MAX_GROWTH_MIB) broken.push(`the server grew by ${(peak - warm).toFixed(0)} MiB`)
      if (!(p99 <= MAX_P99_MS))
        broken.push(`other clients got 1 in 100 events later than ${p99.toFixed(0)} ms`)
      for (const client of normal) {
        broken.push(...client.faults)
        if (client.connections() > 1) broken.push('a client that reads was let go')
        client.stop()
      }
      await stage.client.ok('POST', `/api/runs/${runId}/abort`, { body: {} })
      return {
        figures: {
          events: size.events,
          events_per_second: Math.round(size.events / seconds),
          reading_clients: size.normal,
          memory_before_mib: Math.round(warm),
          memory_growth_mib: Math.round(peak - warm),
          delivery_p50_ms: Math.round(sorted[sorted.length >> 1] ?? Number.NaN),
          delivery_p99_ms: Math.round(p99),
          delivery_max_ms: Math.round(sorted.at(-1) ?? Number.NaN),
          stalled_close_code: closed.code,
          read_before_close: closed.last,
          read_after_coming_back: rest.read,
          socket_io_reconnects: caught.reconnects,
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
  const { last_seq: after } = await stage.client.run(runId)
  const socket = new WebSocket(`${stage.server.url.replace(/^http/, 'ws')}/api/ws/${runId}?after=${after}`)
  let last = after
  socket.on('message', data => {
    last = seqOf(data.toString())
  })
  const closed = new Promise<{ code: number; last: number }>(resolve => {
    socket.on('close', code => resolve({ code, last }))
  })
  socket.on('error', () => {}) // followed by close
  await new Promise(resolve => socket.on('open', resolve))
  socket.pause()
  return { closed, readOn: () => socket.resume() }
}

/** A dashboard whose tab sleeps: it listens to the list and to one run. */
async function stalledSocketIo(stage: Stage, runId: string) {
  const socket = io(stage.server.url, { path: LIVE_PATH, transports: ['websocket'] })
  const { last_seq: start } = await stage.client.run(runId)
  let last = start
  let faults = 0
  let reconnects = -1
  socket.on('events', ({ events }: { events: { seq: number }[] }) => {
    for (const { seq } of events) {
      if (seq !== last + 1) faults++
      last = Math.max(last, seq)
    }
  })
  const watching = new Promise<void>(resolve => {
    socket.on('connect', async () => {
      reconnects++
      await socket.emitWithAck('watch_runs')
      await socket.emitWithAck('watch_run', { run_id: runId, after: last })
      resolve()
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
