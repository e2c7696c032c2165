// What an earlier process left: each unfinished run is brought to a state that is true, before anybody is served, and taken
// up again afterwards.
import { RUN_CHECK } from '#lib/agent/state'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { crashPoint } from '#lib/crash-point'
import { messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import type { RunRecord, Store } from '#lib/store/types'
import type { Tool } from '#lib/tools/tool'
import { type Crashes, crashesOf, isProgress, NO_CRASHES } from './crash-loop.ts'
import { crashLoopEvents, interruptedEvent } from './recovery-events.ts'

/** Events of the end of a journal that are read at once, until its last progress is found. */
const TAIL_PAGE = 200

export interface RecoverParts {
  store: Store
  journal: Journal
  tools: Tool[]
  /** Names this life of the server in `recovered`. */
  boot: string
  /** How the server before this one ended; only after a death can a run be to blame. */
  wasClean: boolean
  maxParallel: number
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

/** What there is to be taken up once the server listens. */
export interface Left {
  /** In this order. */
  ready: RunRecord[]
  /** The server died at work on them before: the worst first. While there are any, the others wait for a moment. */
  suspects: RunRecord[]
  paused: RunRecord[]
}

/**
 * Appends `recovered`, with a result for every call that may have run, to each run that was under way. Each run on its own: one
 * that cannot be read does not keep the others. A run that brought the server down again and again ends here.
 */
export async function recoverRuns(parts: RecoverParts): Promise<Left> {
  const left: Left = { ready: [], suspects: [], paused: [] }
  const unfinished = inOrder(await parts.store.listUnfinished())
  left.paused = unfinished.filter(({ status }) => status === 'paused')
  const active = unfinished.filter(({ status }) => status === 'running' || status === 'queued')
  const found = await Promise.all(active.map(record => inspect(parts, record)))

  // All appends of this loop are made in one tick and share a commit.
  let slots = parts.maxParallel
  const hasSuspects = found.some(finding => finding?.crashes.isSuspect && !finding.crashes.isLoop)
  const suspects: Finding[] = []
  const appends: Promise<unknown>[] = []
  for (const finding of found) {
    if (!finding) continue
    const { record, crashes } = finding
    const isQueued = hasSuspects || slots <= 0
    const events = restartEvents(parts, finding, isQueued)
    if (events.length > 0) appends.push(store(parts, record, events))
    if (crashes.isLoop) continue
    if (crashes.isSuspect) suspects.push(finding)
    else {
      left.ready.push(record)
      slots -= 1
    }
  }
  await Promise.all(appends)
  left.suspects = suspects.toSorted((a, b) => b.crashes.count - a.crashes.count).map(({ record }) => record)
  return left
}

async function store({ journal, log }: RecoverParts, record: RunRecord, events: NewEvent[]) {
  crashPoint('before-recovered')
  try {
    await journal.append(record.id, events)
  } catch (error) {
    log('error', 'a run could not be recovered', { run_id: record.id, error: messageOf(error) })
  }
  crashPoint('after-recovered')
}

/** Those under way before those in line, which keep their order. */
function inOrder(records: RunRecord[]): RunRecord[] {
  const rank = (record: RunRecord) => (record.status === 'running' ? 0 : 1)
  return records.toSorted((a, b) => rank(a) - rank(b) || b.priority - a.priority)
}

export interface Finding {
  record: RunRecord
  /** The newest events, back to the last answer of the model and the last progress. */
  tail: RunEvent[]
  crashes: Crashes
}

async function inspect(parts: RecoverParts, record: RunRecord): Promise<Finding | null> {
  try {
    const tail = await tailOf(parts.store, record)
    return { record, tail, crashes: parts.wasClean ? NO_CRASHES : crashesOf(tail) }
  } catch (error) {
    parts.log('error', 'a run could not be recovered', { run_id: record.id, error: messageOf(error) })
    return null
  }
}

/** The newest events, back to the last answer of the model or the last progress, whichever is older. */
async function tailOf(store: Store, record: RunRecord): Promise<RunEvent[]> {
  let tail: RunEvent[] = []
  for (let before = record.lastSeq + 1; before > 1; before = tail[0]?.seq ?? 0) {
    const page = await store.readEvents(record.id, { before, limit: TAIL_PAGE })
    if (page.length === 0) break
    tail = [...page, ...tail]
    const hasAnswer = tail.some(({ kind }) => kind === 'model_response')
    if (hasAnswer && tail.some(isProgress)) break
  }
  return tail
}

/** What a restart adds to the journal of a run: pure, and nothing where there is nothing to say. */
export function restartEvents(
  parts: Pick<RecoverParts, 'tools' | 'boot' | 'wasClean'>,
  { record, tail, crashes }: Finding,
  isQueued: boolean,
): NewEvent[] {
  // It has not begun; but it was called running, and must not be while it waits.
  if (record.lastSeq === 0 && !(isQueued && record.status === 'running')) return []
  const { iteration } = record
  const isReadOnly = (name: string) => parts.tools.find(tool => tool.name === name)?.readOnly ?? false
  // Reading tools and the check are simply run again, unless the run ends here.
  const mayRunAgain = (tool: string) => tool === RUN_CHECK || isReadOnly(tool)
  const interrupted = openCalls(tail).filter(({ tool }) => crashes.isLoop || !mayRunAgain(tool))
  const last = tail.at(-1)
  // It was in line and still is: nothing has happened that would be worth an entry.
  const isUntouched = last?.kind === 'recovered' && last.payload.queued && record.status === 'queued'
  if (isUntouched && isQueued && interrupted.length === 0 && !crashes.isLoop) return []
  return [
    {
      kind: 'recovered',
      iteration,
      payload: {
        boot: parts.boot,
        interrupted_calls: interrupted.map(({ call_id }) => call_id),
        queued: isQueued && !crashes.isLoop,
        clean: parts.wasClean,
        crashes: crashes.count,
      },
    },
    ...interrupted.map(call => interruptedEvent(call, iteration)),
    ...(crashes.isLoop ? crashLoopEvents(record, crashes.count) : []),
  ]
}

/** Calls that were started and have no result. */
function openCalls(tail: RunEvent[]): { call_id: string; tool: string }[] {
  const open = new Map<string, { call_id: string; tool: string }>()
  for (const event of tail) {
    if (event.kind === 'tool_call') open.set(event.payload.call_id, event.payload)
    if (event.kind === 'tool_result') open.delete(event.payload.call_id)
  }
  return [...open.values()]
}
