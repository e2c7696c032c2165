// The dashboard's socket.io protocol, at path /api/live. Everything else live is the raw WebSocket of the public API.
import type { EphemeralEvent, RunEvent } from './event.ts'
import type { RunStatus, RunSummary } from './runs.ts'

export const LIVE_PATH = '/api/live'

/** What model calls have cost since midnight at the server. */
export interface Spend {
  usd: number
  since: string
  /** Calls whose price is not known, and which are not in it. */
  unpriced_calls: number
}

/** Somebody else who looks at a gate. There are no accounts: it is said where, not who. */
export interface Reviewer {
  /** The same browser, in another tab or window. */
  is_same_browser: boolean
}

export interface ServerToClient {
  /** Once after connecting. Another `epoch` than before: the server was restarted, fetch again what is on screen. */
  hello(message: { version: string; epoch: string }): void
  /** A run is new or changed (to subscribers of the list). */
  run(summary: RunSummary): void
  /** What was spent today (to subscribers of the list), first and when it has changed. */
  spend(message: Spend): void
  /** Who else looks at a gate that this page said it looks at: at first, and when it changes. */
  reviewers(message: { gate_id: string; others: Reviewer[] }): void
  /** Next events of a subscribed run after `from` of the answer, in order, without gap or duplicate. */
  events(message: { run_id: string; events: RunEvent[] }): void
  /** Live output and text of a subscribed run: may be dropped, is never replayed. */
  ephemeral(event: EphemeralEvent): void
}

export type SubscribeAnswer =
  | {
      ok: true
      last_seq: number
      status: RunStatus
      /** Events come from here on: `after`, or, where that is far behind, `last_seq`. What lies between is quicker to be had by REST. */
      from: number
    }
  | { ok: false; error: string }

export interface ClientToServer {
  /** Summaries of all runs from now on. */
  watch_runs(done: (answer: { ok: true }) => void): void
  /** Events of a run after `after`: what is stored, then live. Replaces an earlier subscription to the same run. */
  watch_run(message: { run_id: string; after: number }, done: (answer: SubscribeAnswer) => void): void
  unwatch_run(message: { run_id: string }): void
  /** This page looks at an open gate; `browser` is a word of its own that all its tabs share. Nothing of it is kept. */
  review(message: { gate_id: string; browser: string }): void
  unreview(message: { gate_id: string }): void
}
