// Whether a run brings the server down each time it is worked on: read from the end of its journal, so that nothing has to be
// written while the server dies.
import type { RunEvent } from '#lib/contract/event'

/** So often at a command, a check or our own code: a crash loop. */
export const MAX_CRASHES = 3
/** From here on the run is taken up on its own, after a while in which the server has to live without it. */
export const SUSPECT_AFTER = 2
/** While the model is asked nothing of the run is executed: it takes more to suspect it. */
const MAX_CRASHES_ASKING = 10

/** Kinds that say nothing of the run having come further. */
const NO_PROGRESS = new Set<RunEvent['kind']>([
  'recovered',
  'step_start',
  'log',
  'note',
  'config_changed',
  'paused',
  'resumed',
  'error',
  'compacted',
])

export const isProgress = (event: RunEvent) =>
  !NO_PROGRESS.has(event.kind) && !(event.kind === 'tool_result' && event.payload.status === 'interrupted')

export interface Crashes {
  /** Since the last progress, all. */
  count: number
  isLoop: boolean
  isSuspect: boolean
}

export const NO_CRASHES: Crashes = { count: 0, isLoop: false, isSuspect: false }

/**
 * How often the server has died at work on the run since its last progress, the death that has just been found included.
 * `tail`: the newest events of the journal, in order, back to the last progress at least. A server that was stopped in order,
 * or that died while the run only waited, clears it of suspicion.
 */
export function crashesOf(tail: RunEvent[]): Crashes {
  let working = 0
  let asking = 0
  let isProven = false
  let end = tail.length
  for (let at = tail.length - 1; at >= -1; at--) {
    const event = tail[at]
    const isEdge = event === undefined || isProgress(event)
    if (!isEdge && event.kind !== 'recovered') continue
    // One life of the server: the events between its start and its death.
    const life = tail.slice(at + 1, end)
    const wasQueued = !isEdge && event.kind === 'recovered' && event.payload.queued
    if (wasQueued && !life.some(isTakenUp)) break
    // Nor where it had not been taken up yet: crashes in quick succession are no sign against it. But when it was alone …
    const isWeak = isAsking(life) || (!isEdge && !life.some(isTakenUp))
    const isAlone = wasAlone(life)
    if (isWeak && !isAlone) asking += 1
    else working += 1
    // Whoever killed the server from outside would have had to meet the moment in which nothing else was done.
    if (end === tail.length) isProven = isAlone
    if (isEdge || (event.kind === 'recovered' && event.payload.clean)) break
    end = at
  }
  const count = working + asking
  return {
    count,
    isLoop: working >= MAX_CRASHES && isProven,
    isSuspect: working >= SUSPECT_AFTER || count >= MAX_CRASHES_ASKING,
  }
}

/** Whether nothing else was driven when the life ended: take-up.ts says so, and when it is over. */
function wasAlone(life: RunEvent[]): boolean {
  const said = life.findLast(event => event.kind === 'log' && event.payload.data?.alone !== undefined)
  return said?.kind === 'log' && said.payload.data?.alone === true
}

/** The first signs of a run being driven. */
const isTakenUp = ({ kind }: RunEvent) => kind === 'step_start' || kind === 'log'

function isAsking(life: RunEvent[]): boolean {
  const step = life.findLast(event => event.kind === 'step_start')
  return step?.payload.node === 'plan'
}
