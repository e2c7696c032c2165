// What is known about the way to the server, and when to try again. Pure.

export type Connection = {
  /** `offline`: tried for a while without an answer, or the device has no network. */
  state: 'connecting' | 'live' | 'reconnecting' | 'offline'
  /** When this state of affairs began (ms): for `reconnecting` and `offline`, when the connection was lost. */
  since: number
  /** Of the server, once it has said hello. */
  version: string | null
}

export type ConnectionChange =
  | { kind: 'connected' }
  | { kind: 'hello'; version: string }
  | { kind: 'lost' }
  | { kind: 'try_failed'; online: boolean }

/** After so long without an answer it is said plainly that the server is gone. */
export const GIVE_UP_HOPE_MS = 8000

export function nextConnection(before: Connection, change: ConnectionChange, now: number): Connection {
  switch (change.kind) {
    case 'connected':
      return before.state === 'live' ? before : { ...before, state: 'live', since: now }
    case 'hello':
      return before.version === change.version ? before : { ...before, version: change.version }
    case 'lost':
      return { ...before, state: 'reconnecting', since: now }
    case 'try_failed': {
      const gone = !change.online || now - before.since >= GIVE_UP_HOPE_MS
      if (gone) return before.state === 'offline' ? before : { ...before, state: 'offline' }
      return before
    }
  }
}

/** 0.5 s doubling up to 10 s, ±50 % so that many tabs do not knock at once. `random` is in [0, 1). */
export function retryDelay(attempt: number, random: number): number {
  const base = Math.min(10_000, 500 * 2 ** Math.min(attempt, 10))
  return Math.round(base * (0.5 + random))
}
