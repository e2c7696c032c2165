// When runs go on: what was left at the start of the server, and what holds until something outside is well again.
import type { EventOf, NewEvent } from '#lib/contract/event'
import type { Queued } from '#lib/contract/runs'
import { isAppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import type { RunRecord, Store } from '#lib/store/types'
import { isProgress, SUSPECT_AFTER } from './crash-loop.ts'
import type { Queue } from './queue.ts'
import type { Left } from './recover.ts'

const RETRY_STUCK_MS = 5_000
const LOOK_FOR_ROOM_MS = 1_000
/** So long the server has to live before it works on a run again that may have brought it down. */
const SUSPECT_DELAY_MS = 1_000
/** So long nothing else is driven meanwhile. */
const ALONE_MS = 5_000

export interface TakeUpParts {
  store: Store
  journal: Journal
  queue: Pick<Queue, 'push' | 'isBusy'>
  disk: { hasRoom(): Promise<boolean>; refill(): Promise<void> }
  suspectDelayMs?: number
  aloneMs?: number
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

export function createTakeUp(parts: TakeUpParts) {
  const { store, journal, queue, disk, log, suspectDelayMs = SUSPECT_DELAY_MS, aloneMs = ALONE_MS } = parts
  const timers = new Map<string, NodeJS.Timeout>()
  const waitingForRoom = new Set<string>()
  /** Runs that wait while the worst suspect is tried alone. */
  const held: RunRecord[] = []
  /** The suspect that is not in line yet. */
  let trying: string | null = null
  let aloneTimer: NodeJS.Timeout | undefined
  let roomTimer: NodeJS.Timeout | undefined
  let isClosed = false

  const fail = (runId: string) => (error: unknown) =>
    log('error', 'a run could not be taken up again', { run_id: runId, error: messageOf(error) })

  function later(name: string, ms: number, work: () => Promise<void>) {
    if (isClosed) return
    clearTimeout(timers.get(name))
    const timer = setTimeout(() => {
      timers.delete(name)
      work().catch(error => {
        fail(name)(error)
        later(name, RETRY_STUCK_MS, work) // the database may be what is not well
      })
    }, ms)
    timer.unref()
    timers.set(name, timer)
  }

  /** A run that holds goes on; one that has ended or been taken up meanwhile is left alone. */
  async function resume(runId: string) {
    const { status, priority, iteration } = await journal.record(runId)
    if (status === 'paused') {
      const payload = { by: 'server', queued: queue.isBusy() }
      await journal.append(runId, [{ kind: 'resumed', iteration, payload }]).catch(ignoreEnded)
    }
    if (status === 'paused' || status === 'running' || status === 'queued') queue.push(runId, priority)
  }

  function waitForRoom(runId: string) {
    waitingForRoom.add(runId)
    roomTimer ??= setInterval(() => void lookForRoom(), LOOK_FOR_ROOM_MS).unref()
  }

  async function lookForRoom() {
    try {
      if (!(await disk.hasRoom())) return
      await disk.refill()
    } catch (error) {
      return log('warn', 'the disk could not be looked at', { error: messageOf(error) })
    }
    clearInterval(roomTimer)
    roomTimer = undefined
    const runs = [...waitingForRoom]
    waitingForRoom.clear()
    for (const runId of runs) later(runId, 0, () => resume(runId))
  }

  /**
   * As its newest `paused` event says. The wait is taken as it was meant: a clock that was set must not make it an hour. Only
   * for a pause that began in an earlier life the clock is asked how much of it is over.
   */
  async function scheduleRetry(runId: string, { isOld = false }: { isOld?: boolean } = {}) {
    const { lastSeq } = await journal.record(runId)
    const events = await store.readEvents(runId, { kinds: ['paused'], before: lastSeq + 1, limit: 1 })
    const last = events.at(-1) as EventOf<'paused'> | undefined
    if (!last) return
    const { reason, retry_at } = last.payload
    if (reason === 'disk_full') return waitForRoom(runId)
    if (retry_at === null) return // only by hand
    const meantMs = Math.max(0, (retry_at - last.ts) * 1000)
    const leftMs = isOld ? Math.min(meantMs, Math.max(0, retry_at * 1000 - Date.now())) : meantMs
    later(runId, leftMs, () => resume(runId))
  }

  /** Everything goes on, the one that is looked at among the others from now on. */
  function release() {
    clearTimeout(aloneTimer)
    for (const { id, priority } of held.splice(0)) queue.push(id, priority)
  }

  /**
   * The worst suspect goes first, while nothing else is driven: if the server dies now, it is proven. As soon as it has come
   * further it was not to blame, and after a while the others have waited long enough.
   */
  async function tryAlone(suspect: RunRecord) {
    const stop = await journal.onAppend(suspect.id, events => {
      if (!events.some(event => isProgress(event) || event.kind === 'paused')) return
      stop()
      release()
    })
    const say = (alone: boolean) =>
      journal.append(suspect.id, [aloneEvent(suspect.iteration, alone)]).catch(error => {
        stop()
        release() // aborted by a person meanwhile
        ignoreEnded(error)
      })
    await say(true)
    queue.push(suspect.id, suspect.priority)
    aloneTimer = setTimeout(() => {
      if (held.length > 0) void say(false).then(release, fail(suspect.id))
    }, aloneMs).unref()
  }

  return {
    scheduleRetry: (runId: string) => scheduleRetry(runId),
    /** Not even how it let go could be stored: it is tried again until it can. */
    retryLater: (runId: string) => later(runId, RETRY_STUCK_MS, () => resume(runId)),
    /** Call once the server listens. */
    takeUp({ ready, suspects, paused }: Left) {
      const [worst, ...others] = suspects
      held.push(...ready, ...others)
      if (!worst) release()
      else {
        trying = worst.id
        later('suspect', suspectDelayMs, async () => {
          trying = null
          await tryAlone(worst)
        })
      }
      for (const record of paused) void scheduleRetry(record.id, { isOld: true }).catch(fail(record.id))
    },
    /** Why a run that is queued is not in line; null when it is. */
    whyNotInLine: (runId: string): Queued | null =>
      runId === trying || held.some(({ id }) => id === runId)
        ? { position: null, reason: runId === trying ? SUSPECT_REASON : HELD_REASON }
        : null,
    close() {
      isClosed = true
      clearInterval(roomTimer)
      clearTimeout(aloneTimer)
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}

const SUSPECT_REASON = `The server died ${SUSPECT_AFTER} times or more while it worked on this step; it is taken up alone in a moment`

const HELD_REASON = 'A run that may have brought the server down is tried alone first'

const aloneEvent = (iteration: number, alone: boolean): NewEvent => ({
  kind: 'log',
  iteration,
  payload: alone
    ? {
        level: 'warn',
        message:
          'The server died while it worked on this step; it is tried alone, and given up if that happens again',
        data: { alone },
      }
    : { level: 'info', message: 'The server lives; the other runs go on as well', data: { alone } },
})

function ignoreEnded(error: unknown) {
  if (!isAppError(error) || error.code !== 'run_not_active') throw error
}
