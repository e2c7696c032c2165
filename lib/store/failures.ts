// What a failed statement means. The codes of SQLite come through Prisma in several disguises: as `code` of libsql's error, as the
// kind of a driver error, or only in the text; and the error is often the cause of another.

/** `disk_error`: the disk would not take it, and SQLite does not say why; see isDiskFull in disk.ts. */
export type StoreFailure = 'busy' | 'disk_full' | 'disk_error' | 'unique' | 'corrupt'

const SIGNS: [StoreFailure, RegExp][] = [
  ['disk_full', /SQLITE_FULL|database or disk is full|ENOSPC|EDQUOT/],
  ['unique', /\bP2002\b|SQLITE_CONSTRAINT_(PRIMARYKEY|UNIQUE)|UNIQUE constraint/i],
  // P1008 and SocketTimeout are what Prisma makes of SQLITE_BUSY.
  ['busy', /SQLITE_(BUSY|LOCKED)|database (table )?is locked|\bP1008\b|SocketTimeout/],
  ['corrupt', /SQLITE_(CORRUPT|NOTADB)|disk image is malformed|file is not a database/],
  ['disk_error', /SQLITE_IOERR|SQLITE_CANTOPEN|disk I\/O error|unable to open database file/],
]

export function failureOf(error: unknown): StoreFailure | null {
  const text = textOf(error)
  return SIGNS.find(([, sign]) => sign.test(text))?.[0] ?? null
}

function textOf(error: unknown, depth = 0): string {
  if (typeof error !== 'object' || error === null || depth > 5) return String(error)
  const { code, message, kind, cause } = error as Record<string, unknown>
  return `${code} ${kind} ${message} ${cause === undefined ? '' : textOf(cause, depth + 1)}`
}
