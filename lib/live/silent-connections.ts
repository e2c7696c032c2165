// Connections that have not asked for anything yet. There is room for so many at once, and whoever only holds them open must not
// keep out those who ask: when room gets short, the oldest silent ones go.
import type { Duplex } from 'node:stream'

export function createSilentConnections({ most }: { most: number }) {
  /** In the order in which they came. */
  const silent = new Set<Duplex>()
  return {
    opened(socket: Duplex): void {
      const [oldest] = silent
      if (oldest && silent.size >= most) {
        silent.delete(oldest)
        oldest.destroy()
      }
      silent.add(socket)
      socket.once('close', () => silent.delete(socket))
    },
    /** It has sent a whole head: from here on other limits hold. */
    heard(socket: Duplex): void {
      silent.delete(socket)
    },
    count: () => silent.size,
  }
}
