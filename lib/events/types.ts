// What callers may rely on from the journal; journal.ts implements it.
import type { EphemeralEvent, NewEphemeral, NewEvent, RunEvent } from '#lib/contract/event'
import type { RunRecord } from '#lib/store/types'

export interface FollowOptions {
  /** Deliver events with a larger seq; default 0, the whole history. */
  after?: number
  signal?: AbortSignal
}

/** Every method that takes a run rejects with AppError('run_not_found') when there is none. */
export interface Journal {
  /**
   * Stores events, with the run's row and its gates as they follow from them, and then shows them to followers, in this
   * order. Resolves with the stamped events once they are durable. Appends of one run keep the order of the calls; appends
   * of one tick share one commit. Rejects with `run_not_active` after `run_end`, with `gate_decided` when a decision comes
   * second, with `disk_full`; then nothing was stored.
   */
  append(runId: string, events: NewEvent[]): Promise<RunEvent[]>
  /**
   * Every event after `after`, in order, without gap or duplicate: first what is stored, then what comes. Ends after
   * `run_end`, or when the signal aborts. A slow consumer holds no memory: it reads from the store when it comes back.
   * Yields batches.
   */
  follow(runId: string, options?: FollowOptions): AsyncIterable<RunEvent[]>
  /** The run's row as of its newest event. */
  record(runId: string): Promise<RunRecord>
  /** Called with new events in order of seq, before their `append` resolves. Returns the way to stop listening. */
  onAppend(runId: string, listener: (events: RunEvent[]) => void): Promise<() => void>
  /** Called with the row of a run after each append to it. */
  onRecord(listener: (record: RunRecord) => void): () => void
  /** Called with the new events of any run once they are stored, and its row after them. Must not throw. */
  onEvents(listener: (events: RunEvent[], record: RunRecord) => void): () => void
  /** Live only: not stored, no seq. */
  publish(runId: string, event: NewEphemeral): void
  onEphemeral(runId: string, listener: (event: EphemeralEvent) => void): Promise<() => void>
  /** Resolves when nothing is waiting to be stored. */
  idle(): Promise<void>
}
