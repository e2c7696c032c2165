// The server's log: one JSON line per entry, on stderr, so that stdout stays for what people and scripts wait for.
import { pino } from 'pino'
import type { LogEntry } from './contract/server.ts'

export type Log = (level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>) => void

/** `keep` gets what was written, redacted. */
export function createLog(redact: <T>(value: T) => T, keep: (entry: LogEntry) => void = () => {}): Log {
  const destination = pino.destination({ fd: 2, sync: true })
  const logger = pino(
    { base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    { write: line => destination.write(escaped(line)) },
  )
  return (level, message, data = {}) => {
    const entry = { data: redact(data), message: redact(message) }
    logger[level](entry.data, entry.message)
    keep({ time: new Date().toISOString(), level, ...entry })
  }
}

/** JSON leaves some characters as they are that steer a terminal or hide text; a line ends where it ends. */
const escaped = (line: string) =>
  line.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\udb40][\udc00-\udc7f]/g,
    char =>
      [...Array(char.length).keys()]
        .map(at => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`)
        .join(''),
  )
