// Connections that have not asked for anything yet. There is room for so many at once, and whoever only holds them open must not
// keep out those who ask: when there are too many, the oldest go.
import type { Duplex } from 'node:stream'

/** Many that come at once are accepted before any of them is heard. */
const GRACE_MS = 250

export function createSilentConnections({
  most,
  now = () => performance.now(),
}: {
  most: number
  now?: () => number
}) {
  /** When each came, the oldest first. */
  const silent = new Map<Duplex, number>()
  return {
    opened(socket: Duplex): void {
      silent.set(socket, now())
      socket.once('close', () => silent.delete(socket))
      for (const [oldest, since] of silent) {
        if (silent.size <= most || now() - since < GRACE_MS) return
        silent.delete(oldest)
        oldest.destroy()
      }
    },
    /** It has sent a whole head: from here on other limits hold. */
    heard(socket: Duplex): void {
      silent.delete(socket)
    },
    count: () => silent.size,
  }
}
