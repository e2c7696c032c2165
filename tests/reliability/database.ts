// What is in the database once the server has ended: read directly, not through the product.
import Database from 'libsql'

export interface StoredRun {
  id: string
  status: string
  lastSeq: number
  idempotencyKey: string | null
  reason: string | null
}

export interface StoredEvent {
  runId: string
  seq: number
  kind: string
  iteration: number
  /** Milliseconds since the epoch. */
  at: number
  /** As it was stored. */
  text: string
  payload: Record<string, unknown>
}

export interface StoredGate {
  id: string
  runId: string
  decision: string | null
}

export interface Stored {
  integrity: string
  runs: StoredRun[]
  /** By run, in order of seq. */
  events: Map<string, StoredEvent[]>
  gates: StoredGate[]
}

export function readDatabase(file: string): Stored {
  const db = new Database(file)
  try {
    // The columns are those of prisma/models; libsql's types leave rows open.
    const all = <T>(sql: string) => db.prepare(sql).all() as T[]
    const integrity = all<{ integrity_check: string }>('PRAGMA integrity_check')
    const events = new Map<string, StoredEvent[]>()
    const rows = all<{
      runId: string
      seq: number
      kind: string
      iteration: number
      ts: string | number
      payload: string
    }>('SELECT runId, seq, kind, iteration, ts, payload FROM Event ORDER BY runId, seq')
    for (const { ts, payload: text, ...row } of rows) {
      const event = { ...row, at: new Date(ts).getTime(), text, payload: JSON.parse(text) }
      const list = events.get(row.runId)
      if (list) list.push(event)
      else events.set(row.runId, [event])
    }
    return {
      integrity: integrity.map(row => row.integrity_check).join('; '),
      runs: all('SELECT id, status, lastSeq, idempotencyKey, reason FROM Run'),
      events,
      gates: all('SELECT id, runId, decision FROM Gate'),
    }
  } finally {
    db.close()
  }
}
