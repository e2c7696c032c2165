// The journal's table. The bulk insert is the only SQL written by hand, because createMany costs ten times as much per row.
import { Prisma, type Event as Row } from '#gen/sqlite/client'
import type { RunEvent } from '#lib/contract/event'
import type { Db } from './db.ts'
import type { EventFilter } from './types.ts'

function fromRow(row: Row): RunEvent {
  return {
    kind: row.kind,
    run_id: row.runId,
    iteration: row.iteration,
    seq: row.seq,
    ts: row.ts.getTime() / 1000,
    payload: JSON.parse(row.payload),
  } as RunEvent // stored from parsed events; a kind of a newer version is passed on as it is
}

/** SQLite's dialect; PostgreSQL's twin of this statement reads from jsonb_to_recordset. */
export function insertEvents(db: Pick<Db, '$executeRaw'>, events: RunEvent[]) {
  const rows = events.map(event => [
    event.run_id,
    event.seq,
    event.kind,
    event.iteration,
    // The form in which Prisma itself writes times to SQLite.
    new Date(Math.round(event.ts * 1000)).toISOString().replace('Z', '+00:00'),
    JSON.stringify(event.payload),
  ])
  return db.$executeRaw(Prisma.sql`
    INSERT INTO "Event" ("runId", "seq", "kind", "iteration", "ts", "payload")
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
    FROM json_each(${JSON.stringify(rows)})`)
}

export async function readEvents(db: Db, runId: string, filter: EventFilter): Promise<RunEvent[]> {
  const backwards = filter.before !== undefined && filter.after === undefined
  const rows = await db.event.findMany({
    where: {
      runId,
      seq: {
        ...(filter.after === undefined ? {} : { gt: filter.after }),
        ...(filter.before === undefined ? {} : { lt: filter.before }),
      },
      ...(filter.kinds ? { kind: { in: filter.kinds } } : {}),
      ...(filter.iteration === undefined ? {} : { iteration: filter.iteration }),
      ...(filter.q ? { payload: { contains: filter.q } } : {}),
    },
    orderBy: { seq: backwards ? 'desc' : 'asc' },
    take: filter.limit,
  })
  const events = rows.map(fromRow)
  return backwards ? events.reverse() : events
}
