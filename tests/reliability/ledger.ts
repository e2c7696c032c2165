// A file in each project in which each command says when it begins and ends: what was really executed, and how often, whatever
// the server believes. It is there and not beside it because a sandboxed command writes nowhere else.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

export interface LedgerEntry {
  starts: number
  ends: number
}

/** In a project. */
const FILE = '.ledger'

export interface Ledger {
  /** A command that works for so long, and says so; `leaves` a process behind that nobody waits for. */
  command(id: string, ms: number, leaves?: boolean): string
  /** Of all projects together. */
  entries(): Map<string, LedgerEntry>
  /** What commands in this project say is looked at, too. */
  watch(project: string): void
}

export function createLedger(): Ledger {
  const files = new Set<string>()
  // One write each, at the end of the file: lines of different processes do not mix.
  const note = (word: string, id: string) => `printf '${word} ${id}\\n' >> ${FILE}`
  return {
    watch(project) {
      files.add(path.join(project, FILE))
    },
    command(id, ms, leaves = false) {
      const behind = leaves ? `setsid sleep 987 > /dev/null 2>&1 & ` : ''
      return `${note('start', id)}; ${behind}sleep ${(ms / 1000).toFixed(3)}; ${note('end', id)}; echo ${id}`
    },
    entries() {
      const found = new Map<string, LedgerEntry>()
      const written = [...files].filter(file => existsSync(file))
      const lines = written.flatMap(file => readFileSync(file, 'utf8').trim().split('\n'))
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
