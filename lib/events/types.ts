// What callers may rely on from the journal; journal.ts implements it.
import type { EphemeralEvent, NewEphemeral, NewEvent, RunEvent } from '../contract/event.ts'

export interface FollowOptions {
  /** Deliver events with a larger seq; default 0, the whole history. */
  after?: number
  signal?: AbortSignal
}

export interface Journal {
  /**
   * Stores events and then shows them to followers, in this order. Resolves with the stamped events once they are
   * durable. Appends of one run keep the order of the calls; appends of one tick share one commit.
   */
  append(runId: string, events: NewEvent[]): Promise<RunEvent[]>
  /**
   * Every event after `after`, in order, without gap or duplicate: first what is stored, then what comes. Ends after
   * `run_end`, or when the signal aborts. A slow consumer holds no memory: it reads from the store when it comes back.
   * Yields batches.
   */
  follow(runId: string, options?: FollowOptions): AsyncIterable<RunEvent[]>
  /** Live only: not stored, no seq. */
  publish(runId: string, event: NewEphemeral): void
  onEphemeral(runId: string, listener: (event: EphemeralEvent) => void): () => void
}
