// One other machine cannot take every live connection there is.
import type { IncomingMessage } from 'node:http'
import { LIMITS } from '#lib/limits'
import { isThisMachine } from './rates.ts'

interface Closing {
  once(event: 'close', listener: () => void): unknown
}

export function createPeerCount() {
  const open = new Map<string, number>()
  return {
    /** False when this machine has enough; else the connection counts until it is closed. */
    take(request: IncomingMessage, connection: Closing): boolean {
      const peer = request.socket.remoteAddress ?? ''
      if (isThisMachine(peer)) return true
      const count = open.get(peer) ?? 0
      if (count >= LIMITS.socketsPerPeer) return false
      open.set(peer, count + 1)
      connection.once('close', () => {
        const left = (open.get(peer) ?? 1) - 1
        if (left > 0) open.set(peer, left)
        else open.delete(peer)
      })
      return true
    },
  }
}
