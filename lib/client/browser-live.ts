// The live connection of a browser tab.
import { LIVE_PATH } from '../contract/live.ts'
import { createLive, type Live, type LiveSocket } from './live.ts'

export function createBrowserLive(): Live {
  return createLive({
    async open() {
      const { io } = await import('socket.io-client')
      const socket: LiveSocket = io({
        path: LIVE_PATH,
        transports: ['websocket', 'polling'],
        tryAllTransports: true,
        autoConnect: false,
        reconnection: false,
      })
      return socket
    },
    onWake(callback) {
      const whenVisible = () => {
        if (document.visibilityState === 'visible') callback()
      }
      window.addEventListener('online', callback)
      document.addEventListener('visibilitychange', whenVisible)
      return () => {
        window.removeEventListener('online', callback)
        document.removeEventListener('visibilitychange', whenVisible)
      }
    },
    isOnline: () => navigator.onLine,
  })
}
