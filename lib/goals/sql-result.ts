// Whether a query still returns what it did: by a short name for all its rows, which fits into the journal.
import { createHash } from 'node:crypto'

export interface ResultName {
  hash: string
  rows: number
  /** The order of the rows counts. */
  ordered: boolean
}

/**
 * Rows as text, one a line. Without an order the database may return them in another one as soon as there is an index, and
 * may add up fractions in another one: neither is another result.
 */
export function nameOf(result: string, ordered: boolean): ResultName {
  const rows = rowsOf(result, ordered)
  const hash = createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16)
  return { hash, rows: rows.length, ordered }
}

export function isSameResult(a: string, b: string, ordered: boolean): boolean {
  return nameOf(a, ordered).hash === nameOf(b, ordered).hash
}

export const shownName = ({ hash, rows, ordered }: ResultName) =>
  `result ${hash} (${rows} ${rows === 1 ? 'row' : 'rows'}${ordered ? ' in order' : ''})`

/** Out of what `shownName` became part of. */
export function readName(text: string): ResultName | null {
  const [, hash, rows, ordered] = /\bresult ([0-9a-f]{16}) \((\d+) rows?( in order)?\)/.exec(text) ?? []
  return hash === undefined ? null : { hash, rows: Number(rows), ordered: ordered !== undefined }
}

function rowsOf(result: string, ordered: boolean): string[] {
  const text = result.replaceAll('\r\n', '\n').trimEnd()
  const rows = text === '' ? [] : text.split('\n').map(withoutNoise)
  return ordered ? rows : rows.sort()
}

const withoutNoise = (row: string) =>
  row.replace(/-?\d+\.\d+(e[+-]?\d+)?/gi, number => String(Number(Number(number).toPrecision(10))))
