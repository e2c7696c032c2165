// A file outside the data directory and the project in which each command says when it begins and ends: what was really
// executed, and how often, whatever the server believes.
import { existsSync, readFileSync } from 'node:fs'

export interface LedgerEntry {
  starts: number
  ends: number
}

export interface Ledger {
  /** A command that works for so long, and says so; `leaves` a process behind that nobody waits for. */
  command(id: string, ms: number, leaves?: boolean): string
  entries(): Map<string, LedgerEntry>
}

export function createLedger(file: string): Ledger {
  // One write each, at the end of the file: lines of different processes do not mix.
  const note = (word: string, id: string) => `printf '${word} ${id}\\n' >> '${file}'`
  return {
    command(id, ms, leaves = false) {
      const behind = leaves ? `setsid sleep 987 > /dev/null 2>&1 & ` : ''
      return `${note('start', id)}; ${behind}sleep ${(ms / 1000).toFixed(3)}; ${note('end', id)}; echo ${id}`
    },
    entries() {
      const found = new Map<string, LedgerEntry>()
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
      for (const line of lines) {
        const [word, id = ''] = line.split(' ')
        const entry = found.get(id) ?? { starts: 0, ends: 0 }
        if (word === 'start') entry.starts += 1
        if (word === 'end') entry.ends += 1
        found.set(id, entry)
      }
      return found
    },
  }
}
