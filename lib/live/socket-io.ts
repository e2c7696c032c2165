// The dashboard's live connection: the list of runs, and the events of the runs that are looked at. A reader of the journal.
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, type Socket } from 'socket.io'
import { type ClientToServer, LIVE_PATH, type ServerToClient, type Spend } from '#lib/contract/live'
import type { RunSummary } from '#lib/contract/runs'
import { isAppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import { LIMITS } from '#lib/limits'
import type { Runs } from '#lib/runs/types'
import { createReviewers } from './reviewers.ts'

const MAX_WATCHED = 20
/** Events per message, so that a long history does not come as one huge frame. */
const CHUNK = 100
/**
 * Events that follow each other within this time share a frame: a browser takes in forty frames a second more easily than a
 * thousand. The first goes at once, and so does a batch that is large already.
 */
const COALESCE_MS = 25
const LARGE = 50
/** Who misses more than so many events fetches them in large pages, and is told only what comes. */
const MAX_BEHIND = 1000
/** Between two messages of summaries for the list of runs. */
const LIST_PAUSE_MS = 100

interface Options {
  http: HttpServer
  journal: Journal
  runs: Runs
  version: string
  epoch: string
  spend(): Spend
  /** Throws when the request must be refused. */
  check(request: IncomingMessage): void
  log(level: 'warn', message: string, data: Record<string, unknown>): void
}

type LiveSocket = Socket<ClientToServer, ServerToClient>

export function createSocketIo({ http, journal, runs, version, epoch, spend, check, log }: Options) {
  const reviewers = createReviewers()
  const io = new Server<ClientToServer, ServerToClient>(http, {
    path: LIVE_PATH,
    serveClient: false,
    // Its default is to end every upgrade it does not own.
    destroyUpgrade: false,
    maxHttpBufferSize: LIMITS.frameBytes,
    transports: ['websocket', 'polling'],
    // socket.io's `cors` option does not guard its WebSocket transport; this does.
    allowRequest(request, done) {
      try {
        check(request)
        if (isNew(request) && io.engine.clientsCount >= LIMITS.liveSockets)
          return done('too many connections; try again later', false)
        done(null, true)
      } catch (error) {
        done(messageOf(error), false)
      }
    },
  })

  /** Those who watch the list, and how each takes a summary. */
  const lists = new Map<LiveSocket, (summary: RunSummary) => void>()
  const stopListening = runs.onChange(summary => {
    for (const take of lists.values()) take(summary)
  })

  io.on('connection', (socket: LiveSocket) => {
    const watched = new Map<string, AbortController>()
    const unwatch = (runId: string) => {
      watched.get(runId)?.abort()
      watched.delete(runId)
    }
    socket.emit('hello', { version, epoch })
    socket.on('watch_runs', done => {
      if (!lists.has(socket)) lists.set(socket, createListFeed(socket, spend))
      if (typeof done === 'function') done({ ok: true })
    })
    socket.on('watch_run', (message, done) => {
      const answer = typeof done === 'function' ? done : () => {}
      const runId = message?.run_id
      const after = message?.after
      if (typeof runId !== 'string' || !Number.isSafeInteger(after) || after < 0) {
        return answer({ ok: false, error: 'watch_run takes { run_id, after }' })
      }
      unwatch(runId)
      if (watched.size >= MAX_WATCHED)
        return answer({ ok: false, error: `at most ${MAX_WATCHED} runs at once` })
      const controller = new AbortController()
      watched.set(runId, controller)
      journal.record(runId).then(
        record => {
          const from = record.lastSeq - after > MAX_BEHIND ? record.lastSeq : after
          answer({ ok: true, last_seq: record.lastSeq, status: record.status, from })
          void forward(socket, runId, from, controller.signal)
        },
        error => {
          unwatch(runId)
          const isUnknown = isAppError(error) && error.code === 'run_not_found'
          answer({ ok: false, error: isUnknown ? error.message : 'the run could not be read' })
        },
      )
    })
    socket.on('unwatch_run', message => unwatch(message?.run_id))
    socket.on('review', message => reviewers.join(socket, message))
    socket.on('unreview', message => reviewers.leave(socket, message))
    socket.on('disconnect', () => {
      reviewers.leaveAll(socket)
      lists.delete(socket)
      for (const controller of watched.values()) controller.abort()
      watched.clear()
    })
  })

  async function forward(socket: LiveSocket, runId: string, after: number, signal: AbortSignal) {
    const stopEphemeral = await journal.onEphemeral(runId, event => {
      if (!signal.aborted) socket.volatile.emit('ephemeral', event)
    })
    try {
      for await (const events of journal.follow(runId, { after, signal })) {
        for (let at = 0; at < events.length && !signal.aborted; at += CHUNK) {
          socket.emit('events', { run_id: runId, events: events.slice(at, at + CHUNK) })
          await drained(socket, signal)
        }
        if (events.length < LARGE) await sleep(COALESCE_MS)
      }
    } catch (error) {
      log('warn', 'a live subscription failed', { run_id: runId, error: messageOf(error) })
      socket.disconnect(true) // it connects again and resumes
    } finally {
      stopEphemeral()
    }
  }

  return {
    count: () => io.engine.clientsCount,
    async close() {
      stopListening()
      await io.close()
    },
  }
}

/** Further requests of a connection carry its id. */
const isNew = ({ url = '' }: IncomingMessage) => !/[?&]sid=/.test(url)

/** Of each run only the newest summary waits for a slow dashboard: what it missed in between it need not know. */
function createListFeed(socket: LiveSocket, spend: () => Spend): (summary: RunSummary) => void {
  const waiting = new Map<string, RunSummary>()
  let isSending = false
  let told = ''
  function tellSpend() {
    const now = spend()
    if (JSON.stringify(now) === told) return
    told = JSON.stringify(now)
    socket.emit('spend', now)
  }
  tellSpend()
  async function send() {
    isSending = true
    while (waiting.size > 0 && socket.connected) {
      const summaries = [...waiting.values()]
      waiting.clear()
      for (const summary of summaries) socket.emit('run', summary)
      await drained(socket)
      // After the wait: what the summaries follow from is counted by then.
      tellSpend()
      await sleep(LIST_PAUSE_MS)
    }
    isSending = false
  }
  return summary => {
    waiting.set(summary.run_id, summary)
    if (!isSending) void send()
  }
}

/**
 * Waits while the connection has not taken what it was given, so that a slow dashboard holds no memory here. The `drain` of a
 * connection comes before its frame has gone anywhere; `ready` of its transport comes after.
 */
async function drained(socket: LiveSocket, signal?: AbortSignal): Promise<void> {
  const { conn } = socket
  const isBusy = () =>
    !conn.transport.writable || (conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length > 0 // engine.io keeps it public, untyped
  while (isBusy() && !signal?.aborted && socket.connected) {
    await new Promise<void>(resolve => {
      const { transport } = conn
      const done = () => {
        clearTimeout(timer)
        transport.off('ready', done)
        resolve()
      }
      // A transport that was exchanged for a better one, or is gone, says nothing any more.
      const timer = setTimeout(done, 50)
      transport.on('ready', done)
    })
  }
}
