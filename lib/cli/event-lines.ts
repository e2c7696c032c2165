// What a person reads of a run in a terminal: one line per event that says something.
import { compact, cost, count, duration } from '#lib/client/format'
import { resumedWords } from '#lib/client/hold-words'
import { recoveredWords } from '#lib/client/recovered-words'
import type { EventOf, RunEvent } from '#lib/contract/event'
import type { DiffStat, Flag, Progress, TestCounts } from '#lib/contract/events/shared'
import { NEEDS_NETWORK } from '#lib/contract/network'
import type { Paint, Style } from './colour.ts'
import { oneLine } from './harmless.ts'

export interface EventLines {
  /** No line for events that say nothing new, and for kinds of a newer server. */
  linesOf(event: RunEvent): string[]
  /** What runs now; null when nothing does. */
  current(): string | null
}

const LABEL_WIDTH = 12

/** Keeps what belongs together: the call of a result, the failures before a check. */
export function createEventLines({ paint, width }: { paint: Paint; width: number | null }): EventLines {
  const calls = new Map<string, EventOf<'tool_call'>>()
  let failing: number | null = null
  let current: string | null = null

  function line(event: RunEvent, label: string, style: Style | null, text: string): string {
    const time = timeOf(event.ts)
    const padded = label.padEnd(LABEL_WIDTH)
    const room = width === null ? Number.POSITIVE_INFINITY : width - time.length - LABEL_WIDTH - 3
    const painted = style === null ? padded : paint(style, padded)
    return `${paint('dim', time)}  ${painted} ${cut(oneLine(text), room)}`.trimEnd()
  }

  function check(event: EventOf<'goal_check'>): string[] {
    const { payload } = event
    const style = payload.achieved ? 'green' : payload.broken ? 'red' : 'yellow'
    const before = failing
    failing = payload.tests?.failed ?? null
    const facts = [
      payload.tests ? countsOf(payload.tests, before) : payload.reason,
      `exit ${payload.exit_code ?? 'none'}`,
      duration(payload.duration_ms),
      payload.command,
    ]
    // What the counts do not say.
    const isSaid = !payload.broken && !(payload.tests && payload.reason.includes(NEEDS_NETWORK))
    const detail = isSaid ? [] : [line(event, '', null, payload.reason)]
    return [
      line(event, payload.baseline ? 'baseline' : 'check', style, facts.join(' · ')),
      ...detail,
      ...(payload.goals ?? []).map(part =>
        line(event, '', null, `${part.achieved ? '✓' : '✗'} ${part.goal}: ${part.reason}`),
      ),
      ...payload.flags.map(flag => line(event, 'flag', 'yellow', flagText(flag))),
    ]
  }

  function result(event: EventOf<'tool_result'>): string[] {
    const { payload } = event
    const call = calls.get(payload.call_id)
    calls.delete(payload.call_id)
    const isBad = payload.status !== 'ok' || (payload.exit_code ?? 0) !== 0
    const exit =
      payload.tool === 'bash_exec' ? ` → exit ${payload.exit_code ?? 'none'}` : ` → ${payload.status}`
    const text = `${call ? argumentOf(call) : ''}${exit} · ${duration(payload.duration_ms)}`
    return [line(event, payload.tool, isBad ? 'yellow' : 'dim', text)]
  }

  function linesOf(event: RunEvent): string[] {
    switch (event.kind) {
      case 'run_start':
        return [
          line(
            event,
            'goal',
            'bold',
            `${event.payload.goal} · ${event.payload.model_name} · ${event.payload.cwd}`,
          ),
        ]
      case 'step_start':
        current = { plan: 'the model thinks', act: null, evaluate: 'the check runs', human_check: null }[
          event.payload.node
        ]
        return []
      case 'reasoning':
        return [line(event, 'says', 'cyan', event.payload.text)]
      case 'tool_call':
        calls.set(event.payload.call_id, event)
        current = `${event.payload.tool} ${oneLine(argumentOf(event))}`
        return []
      case 'tool_result':
        current = null
        return result(event)
      case 'goal_check':
        current = null
        return check(event)
      case 'iteration_complete':
        return [line(event, `iteration ${event.payload.iteration}`, 'bold', iterationFacts(event))]
      case 'iteration_undone': {
        const { files, left } = event.payload
        const not = left.length > 0 ? `; not put back: ${left.join(', ')}` : ''
        return [line(event, 'undone', 'yellow', `${count(files, 'file')} as before the iteration${not}`)]
      }
      case 'human_check_required':
        current = null
        return [line(event, 'gate', 'yellow', `waits for a person: ${event.payload.summary}`)]
      case 'human_check_response': {
        const { decision, decided_by, note, approve_next: next } = event.payload
        const more =
          next === undefined ? '' : next === 'rest' ? ', and all to come' : `, and the next ${next}`
        const said = note ? ` with the note “${note}”` : ''
        return [
          line(
            event,
            'decision',
            decision === 'approve' ? 'green' : 'red',
            `${decision}${more} (${decided_by})${said}`,
          ),
        ]
      }
      case 'model_retry':
        return [
          line(
            event,
            'retry',
            'yellow',
            `${event.payload.reason}; attempt ${event.payload.attempt} in ${duration(event.payload.wait_ms)}`,
          ),
        ]
      case 'paused': {
        const { detail, reason, retry_at } = event.payload
        const next =
          reason === 'disk_full'
            ? 'it goes on when there is room'
            : retry_at === null
              ? 'resume it with `retrai approve`'
              : `again at ${timeOf(retry_at)}`
        return [line(event, 'paused', 'yellow', `${detail}; ${next}`)]
      }
      case 'recovered':
        return [line(event, 'recovered', 'yellow', recoveredWords(event.payload))]
      case 'resumed':
        return [line(event, 'resumed', 'cyan', resumedWords(event.payload))]
      case 'sensitive_change': {
        const { path, change, why } = event.payload
        return [line(event, 'sensitive', 'yellow', `${path} was ${change}: ${why}`)]
      }
      case 'note':
        return [line(event, 'note', 'cyan', `${event.payload.text} (${event.payload.by})`)]
      case 'config_changed':
        return [
          line(event, 'changed', 'cyan', `${JSON.stringify(event.payload.changes)} (${event.payload.by})`),
        ]
      case 'compacted':
        return [
          line(
            event,
            'compacted',
            'dim',
            `older tool output left out at ${compact(event.payload.context_tokens)} tokens`,
          ),
        ]
      case 'log':
        return [
          line(
            event,
            event.payload.level,
            event.payload.level === 'info' ? 'dim' : 'yellow',
            event.payload.message,
          ),
        ]
      case 'error':
        return [line(event, 'error', 'red', event.payload.message)]
      case 'run_end': {
        current = null
        const { status, reason } = event.payload
        return [line(event, status, status === 'achieved' ? 'green' : 'red', reason)]
      }
      default:
        return []
    }
  }

  return { linesOf, current: () => current }
}

/** `2 failing of 14 (was 5)` */
function countsOf(tests: TestCounts, before: number | null): string {
  const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : ''
  const was = before === null || before === tests.failed ? '' : ` (was ${before})`
  const counts =
    tests.failed === 0 ? `all ${tests.passed} passed` : `${tests.failed} failing of ${tests.total}`
  return `${counts}${was}${skipped}`
}

function iterationFacts({ payload }: EventOf<'iteration_complete'>): string {
  return [
    ...progressFacts(payload.progress),
    count(payload.tool_calls, 'tool call'),
    `${compact(payload.tokens)} tokens`,
    cost(payload.cost_usd),
    ...(payload.diff_stat ? [linesOfDiff(payload.diff_stat)] : []),
    duration(payload.duration_ms),
  ].join(' · ')
}

/** `failing 5 → 3 (fixed a, b; newly failing c)` */
export function progressFacts(progress: Progress | undefined): string[] {
  if (!progress || progress.failing_after === null) return []
  const { failing_before: before, failing_after: after, fixed, newly_failing: newly } = progress
  const names = (list: string[]) =>
    `${list.slice(0, 3).join(', ')}${list.length > 3 ? ` and ${list.length - 3} more` : ''}`
  const parts = [
    ...(fixed.length > 0 ? [`fixed ${names(fixed)}`] : []),
    ...(newly.length > 0 ? [`newly failing ${names(newly)}`] : []),
  ]
  const moved = parts.length > 0 ? ` (${parts.join('; ')})` : ''
  return [`failing ${before === null ? '' : `${before} → `}${after}${moved}`]
}

/** `+12 −3 in 2 files` */
export const linesOfDiff = ({ insertions, deletions, files }: DiffStat) =>
  `+${insertions} −${deletions} in ${count(files, 'file')}`

export const flagText = ({ detail, path }: Flag) =>
  path !== null && !detail.includes(path) ? `${path}: ${detail}` : detail

/** The argument people know a call by. */
function argumentOf({ payload }: EventOf<'tool_call'>): string {
  for (const name of ['command', 'pattern', 'query', 'path', 'glob']) {
    const value = payload.args[name]
    if (typeof value === 'string') return value
  }
  return Object.keys(payload.args).length === 0 ? '' : JSON.stringify(payload.args)
}

/** Local time, as on the clock of whoever reads it. */
export function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(n => String(n).padStart(2, '0'))
    .join(':')
}

export function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1)).trimEnd()}…`
}
