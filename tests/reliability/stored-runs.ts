// Many runs as earlier servers left them: the journal of a real run, cut off at any place, under other names. Each beginning of a
// real journal is what a kill leaves.
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { NO_GATES } from '#lib/contract/gate-policy'
import { createJournal } from '#lib/events/journal'
import { project } from '#lib/events/projection'
import { openStore } from '#lib/store/store'
import type { Append, RunRecord, Store } from '#lib/store/types'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, toolUse, turn } from '#lib/testing/messages-script'
import { endEvent, newRecord } from '#lib/testing/records'
import type { Stage } from '#lib/testing/stage'
import { untilWaiting } from './note-source.ts'
import type { Random } from './random.ts'

export const LEFT_AS = ['queued', 'running', 'waiting', 'paused'] as const
export type LeftAs = (typeof LEFT_AS)[number] | 'ended'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))
const CALLS_PER_TURN = 8
const TURNS = 16
const BATCH = 20
const NOTES_AT_ONCE = 1000

/** A real run of about 300 events that waits at its gate. Its id. */
export async function startLongRun(stage: Stage): Promise<string> {
  const cwd = await stage.project(SHELL_PROJECT, ({ assistantMessages }) =>
    assistantMessages < TURNS
      ? turn([
          text('I read on.'),
          // Another command each time: one that is repeated for ever ends the attempt.
          bash(`cat app.txt # ${assistantMessages}`),
          ...Array.from({ length: CALLS_PER_TURN - 1 }, () => toolUse('file_read', { path: 'check.sh' })),
        ])
      : turn([text('I have read enough.')]),
  )
  const { run_id } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
  await untilWaiting(stage, run_id)
  return run_id
}

/** Writes as many runs as asked for into the data directory of a server that has ended; their ids by how they were left. */
export async function writeRuns(
  dataDir: string,
  patternId: string,
  counts: Record<LeftAs, number>,
  random: Random,
): Promise<Map<LeftAs, string[]>> {
  const store = await openStore(path.join(dataDir, 'retrai.db'), MIGRATIONS)
  try {
    const pattern = (await store.getRun(patternId))!
    const journal = await store.readEvents(patternId, { limit: 10_000 })
    const written = new Map<LeftAs, string[]>()
    for (const [leftAs, count] of Object.entries(counts) as [LeftAs, number][]) {
      const appends: Append[] = []
      for (let n = 0; n < count; n++) appends.push(copyOf(pattern, journal, leftAs, random))
      await writeAll(store, appends)
      written.set(
        leftAs,
        appends.map(({ record }) => record.id),
      )
    }
    return written
  } finally {
    await store.close()
  }
}

/** Makes the journal of a run long, as many notes would. */
export async function storeNotes(dataDir: string, runId: string, count: number, bytes: number) {
  const store = await openStore(path.join(dataDir, 'retrai.db'), MIGRATIONS)
  try {
    const journal = createJournal({ store })
    const payload = { text: 'n'.repeat(bytes), by: 'api' }
    for (let written = 0; written < count; written += NOTES_AT_ONCE) {
      const notes: NewEvent[] = Array.from({ length: Math.min(NOTES_AT_ONCE, count - written) }, () => ({
        kind: 'note',
        iteration: 1,
        payload,
      }))
      await journal.append(runId, notes)
    }
  } finally {
    await store.close()
  }
}

async function writeAll(store: Store, appends: Append[]) {
  for (let at = 0; at < appends.length; at += BATCH) {
    const batch = appends.slice(at, at + BATCH)
    for (const { record } of batch) {
      await store.createRun({ ...blank(record), id: record.id, status: 'queued' })
    }
    await store.commit(batch.filter(({ events }) => events.length > 0))
  }
}

/** The run before anything had happened. */
const blank = ({ goal, cwd, request, modelName, gatePolicy, maxIterations }: RunRecord) =>
  newRecord({ goal, cwd, request, modelName, gatePolicy, maxIterations, scripted: false })

function copyOf(pattern: RunRecord, journal: RunEvent[], leftAs: LeftAs, random: Random): Append {
  const id = randomUUID()
  const isGated = leftAs === 'waiting'
  const record: RunRecord = {
    ...blank(pattern),
    id,
    status: 'queued',
    gatePolicy: { ...NO_GATES, mode: isGated ? 'each' : 'off' },
    maxIterations: isGated ? pattern.maxIterations : 1,
  }
  if (leftAs === 'queued') return { events: [], record }
  // Before the check of the iteration: the gate belongs to those that wait.
  const inIteration = journal.findIndex(({ kind }) => kind === 'iteration_complete') - 3
  const length = isGated ? journal.length : random.between(30, inIteration)
  const gateId = randomUUID()
  const events = journal.slice(0, length).map(event => renamed(event, id, gateId))
  const last = events.at(-1)!
  const add = ({ kind, iteration, payload }: NewEvent) =>
    events.push({ kind, iteration, payload, run_id: id, seq: events.length + 1, ts: last.ts } as RunEvent) // a pair from NewEvent
  if (leftAs === 'paused') {
    const payload = { reason: 'model_unavailable' as const, detail: 'out of reach', retry_at: last.ts + 1 }
    add({ kind: 'paused', iteration: last.iteration, payload })
  }
  if (leftAs === 'ended') add(endEvent({}, last.iteration))
  return { events, record: events.reduce(project, record) }
}

function renamed(event: RunEvent, runId: string, gateId: string): RunEvent {
  const copy = { ...event, run_id: runId }
  if (copy.kind !== 'human_check_required') return copy
  return { ...copy, payload: { ...copy.payload, gate_id: gateId } }
}
