// One live connection per tab, over the dashboard's socket.io protocol (lib/contract/live.ts). Whoever watches a run gets
// each event once and in order, however often the connection breaks: each subscription starts after the last seq seen.
import type { Socket } from 'socket.io-client'
import type { EphemeralEvent, RunEvent } from '../contract/event.ts'
import type { ClientToServer, Reviewer, ServerToClient, Spend } from '../contract/live.ts'
import type { RunStatus, RunSummary } from '../contract/runs.ts'
import { type Connection, type ConnectionChange, nextConnection, retryDelay } from './connection.ts'

export type LiveSocket = Socket<ServerToClient, ClientToServer>

export interface Live {
  /** For useSyncExternalStore. */
  connection: { subscribe(listener: () => void): () => void; get(): Connection }
  /** What was spent today; null until the server has said it. */
  spend: { subscribe(listener: () => void): () => void; get(): Spend | null }
  watchRuns(watcher: RunsWatcher): () => void
  /** Says that this page looks at the gate, and hears who else does. Returns the way to stop. */
  review(gateId: string, browser: string, onOthers: (others: Reviewer[]) => void): () => void
  /**
   * Events with a larger seq than `after`: stored ones first, then as they happen. Who is far behind is told in a notice from where
   * on they come. Returns the way to stop.
   */
  watchRun(
    runId: string,
    after: number,
    onEvents: (events: RunEvent[]) => void,
    onEphemeral?: (event: EphemeralEvent) => void,
    onNotice?: (notice: RunNotice) => void,
  ): () => void
  /** Connects now if it is not connected. */
  retry(): void
  close(): void
}

export interface RunsWatcher {
  onRun(run: RunSummary): void
  /** Changes may have been missed (first connection, reconnection, restarted server): fetch again what is shown. */
  onResync?(): void
}

export type RunNotice =
  /** `from`: events come after this one; what is missing before it the watcher has to fetch. */
  | { kind: 'subscribed'; last_seq: number; status: RunStatus; from: number }
  | { kind: 'refused'; error: string }
  /** The server was restarted: fetch again what does not come from events. */
  | { kind: 'restarted' }

interface RunWatcher {
  /** Largest seq delivered. */
  seen: number
  onEvents(events: RunEvent[]): void
  onEphemeral?(event: EphemeralEvent): void
  onNotice?(notice: RunNotice): void
}

export interface LiveOptions {
  /** Makes the socket, not yet connected and without reconnection of its own. */
  open(): Promise<LiveSocket>
  /** Calls back when trying at once is worthwhile: the network is back, the tab is looked at. Returns the way to stop. */
  onWake?(callback: () => void): () => void
  isOnline?(): boolean
}

export function createLive({ open, onWake, isOnline = () => true }: LiveOptions): Live {
  const listeners = new Set<() => void>()
  const runsWatchers = new Set<RunsWatcher>()
  const watchers = new Map<string, Set<RunWatcher>>()
  let connection: Connection = { state: 'connecting', since: Date.now(), version: null }
  let epoch: string | null = null
  let socket: LiveSocket | null = null
  let spend: Spend | null = null
  const spendListeners = new Set<() => void>()
  const reviews = new Map<string, { browser: string; onOthers(others: Reviewer[]): void }>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let closed = false

  function change(what: ConnectionChange) {
    const next = nextConnection(connection, what, Date.now())
    if (next === connection) return
    connection = next
    for (const listener of listeners) listener()
  }

  function tryLater() {
    if (closed) return
    clearTimeout(timer)
    timer = setTimeout(retry, retryDelay(attempt++, Math.random()))
  }

  function retry() {
    clearTimeout(timer)
    if (!closed && socket && !socket.connected) socket.connect()
  }

  function subscribeRuns(watching: Iterable<RunsWatcher>) {
    socket?.emit('watch_runs', () => {
      for (const watcher of watching) watcher.onResync?.()
    })
  }

  function subscribeRun(runId: string) {
    const watching = watchers.get(runId)
    if (!watching?.size || !socket?.connected) return
    // One subscription serves all watchers of a run: it starts at the one that has seen least, the others skip.
    const after = Math.min(...[...watching].map(w => w.seen))
    socket.emit('watch_run', { run_id: runId, after }, answer => {
      const notice: RunNotice = answer.ok
        ? { kind: 'subscribed', last_seq: answer.last_seq, status: answer.status, from: answer.from }
        : { kind: 'refused', error: answer.error }
      for (const watcher of watchers.get(runId) ?? []) watcher.onNotice?.(notice)
    })
  }

  function deliver(runId: string, events: RunEvent[]) {
    for (const watcher of watchers.get(runId) ?? []) {
      const fresh = events.filter(e => e.seq > watcher.seen)
      const last = fresh.at(-1)
      if (!last) continue
      watcher.seen = last.seq
      watcher.onEvents(fresh)
    }
  }

  function wire(made: LiveSocket) {
    made.on('connect', () => {
      attempt = 0
      clearTimeout(timer)
      change({ kind: 'connected' })
      if (runsWatchers.size > 0) subscribeRuns(runsWatchers)
      for (const runId of watchers.keys()) subscribeRun(runId)
      for (const [gate_id, { browser }] of reviews) made.emit('review', { gate_id, browser })
    })
    made.on('disconnect', () => {
      change({ kind: 'lost' })
      for (const { onOthers } of reviews.values()) onOthers([])
      tryLater()
    })
    made.on('connect_error', () => {
      change({ kind: 'try_failed', online: isOnline() })
      tryLater()
    })
    made.on('hello', hello => {
      change({ kind: 'hello', version: hello.version })
      const restarted = epoch !== null && epoch !== hello.epoch
      epoch = hello.epoch
      if (!restarted) return
      for (const watcher of runsWatchers) watcher.onResync?.()
      for (const watching of watchers.values())
        for (const watcher of watching) watcher.onNotice?.({ kind: 'restarted' })
    })
    made.on('run', run => {
      for (const watcher of runsWatchers) watcher.onRun(run)
    })
    made.on('spend', said => {
      spend = said
      for (const listener of spendListeners) listener()
    })
    made.on('reviewers', ({ gate_id, others }) => reviews.get(gate_id)?.onOthers(others))
    made.on('events', message => deliver(message.run_id, message.events))
    made.on('ephemeral', event => {
      for (const watcher of watchers.get(event.run_id) ?? []) watcher.onEphemeral?.(event)
    })
  }

  // The library arrives after the page is drawn; a failure to load it is a failed attempt like any other.
  function start() {
    open().then(
      made => {
        if (closed) return void made.disconnect()
        socket = made
        wire(made)
        made.connect()
      },
      () => {
        change({ kind: 'try_failed', online: isOnline() })
        if (!closed) timer = setTimeout(start, retryDelay(attempt++, Math.random()))
      },
    )
  }
  start()
  const stopWaking = onWake?.(retry)

  return {
    connection: {
      subscribe(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      get: () => connection,
    },
    spend: {
      subscribe(listener) {
        spendListeners.add(listener)
        return () => spendListeners.delete(listener)
      },
      get: () => spend,
    },
    review(gateId, browser, onOthers) {
      const mine = { browser, onOthers }
      reviews.set(gateId, mine)
      if (socket?.connected) socket.emit('review', { gate_id: gateId, browser })
      return () => {
        if (reviews.get(gateId) !== mine) return
        reviews.delete(gateId)
        if (socket?.connected) socket.emit('unreview', { gate_id: gateId })
      }
    },
    watchRuns(watcher) {
      runsWatchers.add(watcher)
      if (socket?.connected) subscribeRuns([watcher])
      return () => runsWatchers.delete(watcher)
    },
    watchRun(runId, after, onEvents, onEphemeral, onNotice) {
      const watcher: RunWatcher = { seen: after, onEvents, onEphemeral, onNotice }
      const watching = watchers.get(runId) ?? new Set()
      watchers.set(runId, watching.add(watcher))
      subscribeRun(runId)
      return () => {
        watching.delete(watcher)
        if (watching.size > 0 || watchers.get(runId) !== watching) return
        watchers.delete(runId)
        if (socket?.connected) socket.emit('unwatch_run', { run_id: runId })
      }
    },
    retry,
    close() {
      closed = true
      clearTimeout(timer)
      stopWaking?.()
      socket?.disconnect()
    },
  }
}
