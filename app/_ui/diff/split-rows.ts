// The lines of a hunk side by side: what was taken away beside what was put there. Pure.
import type { DiffLine } from './parse-patch.ts'

export interface SplitRow {
  left: DiffLine | null
  right: DiffLine | null
}

export function splitRows(lines: readonly DiffLine[]): SplitRow[] {
  const rows: SplitRow[] = []
  let gone: DiffLine[] = []
  let come: DiffLine[] = []
  const flush = () => {
    for (let i = 0; i < Math.max(gone.length, come.length); i++)
      rows.push({ left: gone[i] ?? null, right: come[i] ?? null })
    gone = []
    come = []
  }
  for (const line of lines) {
    if (line.kind === 'del') {
      // What is taken away after something was put there is another change.
      if (come.length > 0) flush()
      gone.push(line)
    } else if (line.kind === 'add') come.push(line)
    else {
      flush()
      rows.push({ left: line, right: line })
    }
  }
  flush()
  return rows
}
