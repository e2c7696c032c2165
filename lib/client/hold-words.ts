// Why a run does not work at this moment, in the same words in the browser and in the terminal. Pure.
import type { Payload } from '../contract/event.ts'
import type { Queued } from '../contract/runs.ts'

/** `Next in line`, `Number 3 in line`; null when it is not in the line yet. */
export function placeInLine({ position }: Queued): string | null {
  if (position === null) return null
  return position === 1 ? 'Next in line' : `Number ${position} in line`
}

/** `Number 3 in line: all 4 slots are taken`. */
export function queueWords(queue: Queued): string {
  const place = placeInLine(queue)
  return place === null ? queue.reason : `${place}: ${lowerFirst(queue.reason)}`
}

const lowerFirst = (sentence: string) => sentence.slice(0, 1).toLowerCase() + sentence.slice(1)

type Pause = Pick<Payload<'paused'>, 'reason' | 'retry_at'>

/** What has to get well before the run can go on. */
export const PAUSE_WORDS: Record<Pause['reason'], string> = {
  model_unavailable: 'The model does not answer',
  model_quota: 'The quota of the model’s provider is used up',
  disk_full: 'The disk is full',
}

/** When it goes on, where that is not a time. */
export function goesOnWhen({ reason, retry_at }: Pause): string | null {
  if (reason === 'disk_full') return 'It goes on by itself as soon as there is room'
  return retry_at === null ? 'It goes on when somebody resumes it' : null
}

/** How a pause ended. */
export function resumedWords({ by, queued }: Payload<'resumed'>): string {
  const how = by === 'server' ? 'The pause is over' : `Resumed by ${by}`
  return `${how}; the run ${queued ? 'waits for a free slot and then goes on' : 'goes on'}`
}

/** `+5`, `−5`: a priority that is worth saying. */
export const priorityWords = (priority: number) =>
  `priority ${priority < 0 ? `−${-priority}` : `+${priority}`}`
