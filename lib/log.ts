// The server's log: one JSON line per entry, on stderr, so that stdout stays for what people and scripts wait for.
import { pino } from 'pino'

export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void

export function createLog(secrets: (string | null)[]): Log {
  const logger = pino(
    { base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
  const known = secrets.filter((secret): secret is string => secret !== null && secret.length >= 8)
  const redact = (text: string) => known.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text)
  return (level, message, data = {}) => {
    const clean = Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
    )
    logger[level](clean, redact(message))
  }
}
