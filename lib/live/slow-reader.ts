// What may wait for one who reads more slowly than there is to tell, the same for a WebSocket and an event stream.
import { setTimeout as sleep } from 'node:timers/promises'
import { LIMITS } from '#lib/limits'

/** Bytes from which a reader has room again. */
export const ENOUGH_BUFFERED = 64 << 10
/** Where reading pauses, so that hundreds who read slowly hold little: the limit is for events that are large by themselves. */
export const PAUSE_AT = LIMITS.webSocketBufferBytes / 8
/** How long a full buffer may stand still before its reader counts as stalled. */
export const STALLED_MS = 10_000
/** How often a full buffer is looked at, at first and later, in ms: it has no event of its own. */
const LOOK = { first: 2, most: 100 }

/** Waits until there is room. False when the reader took nothing for a while, or is gone. */
export async function drained(
  buffered: () => number,
  signal: AbortSignal,
  stalledMs = STALLED_MS,
): Promise<boolean> {
  const deadline = performance.now() + stalledMs
  for (let pause = LOOK.first; buffered() > ENOUGH_BUFFERED; pause = Math.min(LOOK.most, pause * 2)) {
    if (signal.aborted || performance.now() > deadline) return false
    await sleep(pause)
  }
  return true
}
