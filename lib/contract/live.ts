// The dashboard's socket.io protocol, at path /api/live. Everything else live is the raw WebSocket of the public API.
import type { EphemeralEvent, RunEvent } from './event.ts'
import type { RunStatus, RunSummary } from './runs.ts'

export const LIVE_PATH = '/api/live'

export interface ServerToClient {
  /** Once after connecting. Another `epoch` than before: the server was restarted, fetch again what is on screen. */
  hello(message: { version: string; epoch: string }): void
  /** A run is new or changed (to subscribers of the list). */
  run(summary: RunSummary): void
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
}
