// The server's log: one JSON line per entry, on stderr, so that stdout stays for what people and scripts wait for.
import { pino } from 'pino'

export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void

export function createLog(redact: <T>(value: T) => T): Log {
  const logger = pino(
    { base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
  return (level, message, data = {}) => {
    logger[level](redact(data), redact(message))
  }
}
