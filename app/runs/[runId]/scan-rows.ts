// Finds the rows that satisfy a condition, in a history that may be long and grows: each row is looked at once, the newest first
// and the rest in slices, and again only when it was replaced by one that knows more. Pure but for the clock.
import type { Row } from '#lib/contract/run-view'

export interface Scan {
  /** Looks at what is new, and for so long at what is old. Cheap when there is neither. */
  look(version: number, sliceMs: number): void
  /** Everything that was found so far, in order. The same array while nothing changes. */
  rows(): readonly Row[]
  isDone(): boolean
}

/** Looked at in any case, so that there is something to see at once. */
const NEWEST = 200
/** Rows between two looks at the clock. */
const AT_ONCE = 200
/** As long as nothing was found, a slice may take so much longer: an empty list helps nobody. */
const LONGER = 3

/** `keeps: null`: every row. The list only grows, and of its rows only those that go on are replaced. */
export function createScan(
  rowsOf: () => readonly Row[],
  keeps: ((row: Row) => boolean) | null,
  now: () => number = () => performance.now(),
): Scan {
  if (!keeps) return { look: () => {}, rows: rowsOf, isDone: () => true }
  const start = Math.max(0, rowsOf().length - NEWEST)
  /** Rows from here to `to` are looked at. */
  let from = start
  let to = start
  /** Before the start, newest first; and from there on. */
  const older: Row[] = []
  const newer: Row[] = []
  /** Rows that were going on when they were looked at, by their index. */
  const open = new Map<number, Row>()
  let seen = -1
  let found: readonly Row[] = []

  function take(index: number, list: Row[]) {
    const row = rowsOf()[index]!
    if (mayChange(row)) open.set(index, row)
    if (keeps!(row)) list.push(row)
  }

  function lookBack(sliceMs: number) {
    const began = now()
    const isTime = () => now() - began < sliceMs * (older.length + newer.length === 0 ? LONGER : 1)
    do {
      for (const end = Math.max(0, from - AT_ONCE); from > end; ) take(--from, older)
    } while (from > 0 && isTime())
  }

  function lookAgain(index: number, before: Row) {
    const row = rowsOf()[index]!
    if (row === before) return
    if (mayChange(row)) open.set(index, row)
    else open.delete(index)
    const list = index < start ? older : newer
    const at = list.indexOf(before)
    if (at !== -1) list.splice(at, 1, ...(keeps!(row) ? [row] : []))
    else if (keeps!(row)) {
      const after = list.findIndex(({ seq }) => (index < start ? seq < row.seq : seq > row.seq))
      list.splice(after === -1 ? list.length : after, 0, row)
    }
  }

  return {
    look(version, sliceMs) {
      if (from === 0 && version === seen) return
      seen = version
      for (const [index, row] of open) lookAgain(index, row)
      while (to < rowsOf().length) take(to++, newer)
      if (from > 0) lookBack(sliceMs)
      found = [...older.toReversed(), ...newer]
    },
    rows: () => found,
    isDone: () => from === 0,
  }
}

function mayChange(row: Row): boolean {
  if (row.type === 'gate') return row.response === null
  if (row.type === 'event') return row.readSeq === null
  return 'state' in row && row.state === 'open'
}
