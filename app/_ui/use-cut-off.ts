import { useConnection } from './live-provider.tsx'

/** Why nothing can be sent to the server now; null when it can. Before the first connection nothing speaks against it. */
export function useCutOff(): string | null {
  const { state } = useConnection()
  const isCutOff = state === 'reconnecting' || state === 'offline'
  return isCutOff ? 'Not connected: nothing is sent until the server answers again' : null
}
