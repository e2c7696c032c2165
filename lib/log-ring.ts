// The newest entries of the server's log, for whoever looks at its page. They come here redacted.
import type { LogEntry, LogLevel } from './contract/server.ts'
import { LIMITS } from './limits.ts'

export interface LogRing {
  take(entry: LogEntry): void
  /** The newest first; of this level and above. */
  recent(options: { level: LogLevel; limit: number }): LogEntry[]
}

const RANK: Record<LogLevel, number> = { info: 0, warn: 1, error: 2 }

export function createLogRing(): LogRing {
  const entries: LogEntry[] = []
  return {
    take(entry) {
      entries.push(short(entry))
      if (entries.length > LIMITS.logEntriesKept) entries.shift()
    },
    recent: ({ level, limit }) =>
      entries
        .filter(entry => RANK[entry.level] >= RANK[level])
        .slice(-limit)
        .reverse(),
  }
}

/** An entry may carry whatever failed, of any size. */
function short(entry: LogEntry): LogEntry {
  const text = JSON.stringify(entry.data)
  const message = entry.message.slice(0, LIMITS.logEntryLength)
  if (text.length <= LIMITS.logEntryLength) return { ...entry, message }
  return { ...entry, message, data: { cut: text.slice(0, LIMITS.logEntryLength) } }
}
