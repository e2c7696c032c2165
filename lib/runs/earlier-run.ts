// «Go on where it stopped»: a new run that begins in the directory as the old one left it, is held against the tests of the old
// one's start, and is told what was tried. A new one, because what has ended stays ended: one run_end per journal, sockets that
// closed, clients that saw it.
import type { RunEvent } from '#lib/contract/event'
import type { DiffStat } from '#lib/contract/events/shared'
import { isFinal, type Rerun } from '#lib/contract/runs'
import { AppError } from '#lib/errors'
import type { Continued, RunRecord } from '#lib/store/types'

const ATTEMPTS = 10
const NOTES = 10
const WORDS = 400
/** Of runs that go on from runs that went on. */
const MOST = 16_000

const KEPT = ['cwd', 'goal', 'goals', 'check_command', 'success_condition', 'goal_options'] as const

/** Throws where there is nothing to go on with, or where it would be another run. */
export function refuseToContinue({ id, status }: RunRecord, changes: Rerun): void {
  if (!isFinal(status))
    throw new AppError(
      'conflict',
      `Run ${id} is ${status}: give it more with PATCH /api/runs/${id}/config instead of another run`,
    )
  if (status === 'achieved')
    throw new AppError('conflict', `Run ${id} has met its goal: there is nothing to go on with`)
  const field = KEPT.find(name => changes[name] !== undefined)
  if (field === undefined) return
  const detail =
    'stays as it was in a run that goes on where another stopped: leave it out, or leave out continue'
  throw new AppError('invalid', `${field} ${detail}`, { fields: [{ pointer: `/${field}`, detail }] })
}

interface Attempt {
  iteration: number
  text: string | null
  stat: DiffStat | null
  reason: string | null
  isUndone: boolean
}

/** Takes a journal event by event; `end` is what the next run is given. */
export function createEarlierRun({ id, request }: RunRecord) {
  let base: string | null = null
  let text: string | null = null
  let reason: string | null = null
  let ended: string | null = null
  const attempts: Attempt[] = []
  const notes: string[] = []

  return {
    take(event: RunEvent): void {
      switch (event.kind) {
        case 'run_start':
          base = event.payload.base
          return
        case 'reasoning':
          text = event.payload.text
          return
        case 'goal_check':
          reason = event.payload.reason
          return
        case 'iteration_complete':
          attempts.push({
            iteration: event.iteration,
            text,
            stat: event.payload.diff_stat,
            reason,
            isUndone: false,
          })
          text = null
          return
        case 'iteration_undone':
          for (const attempt of attempts) if (attempt.iteration === event.iteration) attempt.isUndone = true
          return
        case 'note':
          notes.push(event.payload.text)
          return
        case 'human_check_response':
          if (event.payload.note) notes.push(event.payload.note)
          return
        case 'run_end':
          ended = event.payload.reason
      }
    },
    end(): Continued {
      const said = [
        request.continues?.summary,
        `An earlier run worked on this goal in this directory, and its changes are there. It ended: ${ended ?? 'without a reason'}`,
        attempts.length > ATTEMPTS && `It made ${attempts.length} attempts; the last ${ATTEMPTS} of them:`,
        ...attempts.slice(-ATTEMPTS).map(attemptText),
        notes.length > 0 && 'What the user said to it:',
        ...notes.slice(-NOTES).map(note => `- ${short(note)}`),
        'Go on from there: look at what is there before you change it, and do not try again what did not help.',
      ]
      const summary = said.filter(Boolean).join('\n')
      // Of a long chain the end is what counts.
      return { runId: id, base, summary: summary.slice(-MOST) }
    },
  }
}

function attemptText({ iteration, text, stat, reason, isUndone }: Attempt): string {
  const files = stat?.by_file
    .slice(0, 5)
    .map(({ path }) => path)
    .join(', ')
  const changed = files ? ` Changed: ${files}.` : ''
  const undone = isUndone ? ' The user had this undone.' : ''
  return `- Attempt ${iteration}: ${text ? short(text) : '(it said nothing)'}${changed} Then: ${reason ?? 'not checked'}.${undone}`
}

const short = (text: string) => text.replace(/\s+/g, ' ').trim().slice(0, WORDS)
