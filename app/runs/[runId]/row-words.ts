// What a row says in one line, and the text that filters and copies of it see. Pure.
import { bytes, cost, count, duration } from '#lib/client/format'
import { resumedWords } from '#lib/client/hold-words'
import { recoveredWords } from '#lib/client/recovered-words'
import { isFinal, STATUS_WORD } from '#lib/client/status'
import type { EventOf, RunEvent } from '#lib/contract/event'
import type { Outcome } from '#lib/contract/events/shared'
import type { IterationFacts, Row, ToolRow } from '#lib/contract/run-view'
import type { RunStatus } from '#lib/contract/runs'
import { oneLine } from '../../_ui/visible-text.ts'
import { measured, partedFlags, targetWords } from './progress-words.ts'

const TOOL_LABEL: Record<string, string> = {
  bash_exec: 'bash',
  file_read: 'read',
  file_write: 'write',
  file_patch: 'edit',
  file_list: 'list',
  find_files: 'find',
  grep_search: 'search',
  git_diff: 'diff',
  run_check: 'check',
}

export const toolLabel = (tool: string) => TOOL_LABEL[tool] ?? oneLine(tool, 40)

/** What the tool was asked, in a line: the command, the path, the pattern. */
export function toolSubject(call: EventOf<'tool_call'>): string {
  const args = call.payload.args ?? {}
  const text = (name: string) => (typeof args[name] === 'string' ? args[name] : '')
  const path = text('path')
  switch (call.payload.tool) {
    case 'bash_exec':
      return oneLine(text('command'))
    case 'grep_search': {
      const place = path && path !== '.' ? ` in ${path}` : ''
      return oneLine(`${text('pattern')}${place}`)
    }
    case 'file_read': {
      const from = args.offset ?? args.from
      const lines = typeof from === 'number' ? ` from line ${from}` : ''
      return oneLine(`${path}${lines}`)
    }
    case 'run_check':
      return 'asked for the goal’s check'
    default: {
      const first = path || Object.values(args).find((value): value is string => typeof value === 'string')
      if (first) return oneLine(first)
      return Object.keys(args).length > 0 ? oneLine(JSON.stringify(args)) : ''
    }
  }
}

/** Lines a tool changed, where it says so. */
export function changedLines(row: ToolRow): { insertions: number; deletions: number } | null {
  const details = row.result?.payload.details
  if (typeof details?.insertions !== 'number' || typeof details.deletions !== 'number') return null
  return { insertions: details.insertions, deletions: details.deletions }
}

export const diffOf = (row: ToolRow): string | null => {
  const diff = row.result?.payload.details?.diff
  return typeof diff === 'string' && diff !== '' ? diff : null
}

export function toolFacts(row: ToolRow): string[] {
  const result = row.result?.payload
  if (!result) return []
  const facts: string[] = []
  if (row.call?.payload.tool === 'bash_exec' || (result.exit_code !== 0 && result.exit_code !== 1)) {
    facts.push(result.exit_code === null ? 'no exit code' : `exit ${result.exit_code}`)
  }
  if (result.truncated) facts.push(`${bytes(result.bytes)}, cut`)
  facts.push(duration(result.duration_ms))
  return facts
}

export const isFailedTool = (row: ToolRow) =>
  row.state === 'interrupted' || (row.result !== null && row.result.payload.status !== 'ok')

/** `failing 5 → 2`, `failing 2`, `passed`, `not met`, `340 ms`; null before the first check. */
export function checkWords(facts: Pick<IterationFacts, 'check' | 'failingBefore'>): string | null {
  const { check, failingBefore } = facts
  if (!check) return null
  if (isRefused(check)) return 'green does not count'
  if (check.measurement) {
    const { value, unit } = check.measurement
    return `${measured(value, unit)}, ${check.achieved ? 'met' : `wanted ${targetWords(check.measurement)}`}`
  }
  if (!check.tests) return check.achieved ? 'check passed' : 'check not passed'
  const { failed } = check.tests
  return failingBefore === null || failingBefore === failed
    ? `failing ${failed}`
    : `failing ${failingBefore} → ${failed}`
}

/** Nothing failed, and yet it is not met, because of what was done to the check. */
export const isRefused = ({
  achieved,
  tests,
  flags,
  reason,
}: NonNullable<IterationFacts['check']>): boolean =>
  !achieved &&
  partedFlags(flags).blocking.length > 0 &&
  // Where nothing is counted only the sentence of the server tells a refused green from a red.
  (tests ? tests.failed === 0 && tests.passed > 0 : reason.includes('does not count'))

/** The colour of a check's words: whether the goal is met, else which way it went. */
export function checkTone({ check, failingBefore, progress }: IterationFacts): string {
  if (!check) return 'text-muted'
  if (check.achieved) return 'text-ok'
  if (isRefused(check)) return 'text-err'
  const better = check.tests && failingBefore !== null ? check.tests.failed - failingBefore : 0
  if (progress?.trend === 'better' || (!progress && better < 0)) return 'text-ok'
  return progress?.trend === 'worse' || (!progress && better > 0) ? 'text-err' : 'text-warn'
}

/** What an iteration that is not over does now: as its run, which may be paused or in line meanwhile. */
export const goingWord = ({ endedAt }: IterationFacts, status: RunStatus): string | null =>
  endedAt === null && !isFinal(status) ? STATUS_WORD[status] : null

/** `Iteration 3 · failing 5 → 2 · 3 files +42 −18 · 7 tools · $0.08 · 1 m 12 s`, facts only. */
export function iterationWords(facts: IterationFacts, now: number): string[] {
  const words: string[] = []
  const check = checkWords(facts)
  if (check) words.push(check)
  if (facts.diffStat && facts.diffStat.files > 0) {
    const { files, insertions, deletions } = facts.diffStat
    words.push(`${count(files, 'file')} +${insertions} −${deletions}`)
  }
  if (facts.toolCalls > 0) words.push(count(facts.toolCalls, 'tool'))
  if (facts.costUsd === null || facts.costUsd > 0) words.push(cost(facts.costUsd))
  if (facts.isUndone) words.push('undone')
  const end = facts.endedAt ?? now
  words.push(duration(Math.max(0, end - facts.startedAt) * 1000))
  return words
}

/** The outcome of a run in words that a person would use. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  achieved: 'The goal is met',
  already_green: 'The goal was met before anything was changed',
  iterations: 'All iterations are used',
  cost: 'The cost budget is spent',
  tokens: 'The token budget is spent',
  time: 'The time budget is spent',
  no_progress: 'It did not get any further',
  check_broken: 'The check cannot run',
  model_error: 'The model cannot be used',
  model_protocol: 'The model’s answers could not be used',
  internal_error: 'An error inside retrAI',
  crash_loop: 'The server died again and again while it worked on this run',
  aborted: 'Stopped by a person',
}

/** The line of an event that has a row of its own. */
export function eventLine(event: RunEvent): string {
  switch (event.kind) {
    case 'run_start':
      return oneLine(`${event.payload.goal_name} in ${event.payload.cwd} with ${event.payload.model_name}`)
    case 'run_end':
      return oneLine(event.payload.reason)
    case 'error':
      return oneLine(event.payload.message)
    case 'log':
      return oneLine(event.payload.message)
    case 'note':
      return oneLine(event.payload.text)
    case 'config_changed':
      return oneLine(
        Object.entries(event.payload.changes)
          .map(([name, value]) => `${name} → ${settingText(value)}`)
          .join(', '),
      )
    case 'model_retry':
      return oneLine(
        `attempt ${event.payload.attempt} failed: ${event.payload.reason}; again in ${duration(event.payload.wait_ms)}`,
      )
    case 'paused':
      return oneLine(event.payload.detail)
    case 'recovered':
      return recoveredWords(event.payload)
    case 'resumed':
      return resumedWords(event.payload)
    case 'compacted':
      return 'Old tool output was left out of the conversation to make room'
    case 'step_start':
      return `${event.payload.node} begins`
    case 'reasoning':
      return oneLine(event.payload.text)
    case 'tool_call':
      return `${toolLabel(event.payload.tool)} ${toolSubject(event)}`
    case 'tool_result':
      return oneLine(`${toolLabel(event.payload.tool)} ${event.payload.status}: ${event.payload.output}`)
    case 'goal_check':
      return oneLine(event.payload.reason)
    case 'check_written':
      return oneLine(`A model wrote the check: ${event.payload.command}`)
    case 'sensitive_change':
      return oneLine(`${event.payload.path} was ${event.payload.change}: ${event.payload.why}`)
    case 'iteration_complete':
      return `iteration ${event.payload.iteration} complete`
    case 'iteration_undone':
      return undoneWords(event.payload)
    case 'human_check_required':
      return oneLine(event.payload.summary)
    case 'human_check_response':
      return oneLine(`${event.payload.decision} by ${event.payload.decided_by}`)
    default:
      return oneLine(JSON.stringify(event.payload) ?? '')
  }
}

/** `none`, `20`, `flags`, `timeout_minutes 60`. */
function settingText(value: unknown): string {
  if (value === null) return 'none'
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([name, one]) => `${name} ${settingText(one)}`)
    .join(' ')
}

/** `Iteration 3 was undone: 4 files are as they were before it`. */
function undoneWords({ iteration, files, left }: EventOf<'iteration_undone'>['payload']): string {
  const not = left.length > 0 ? `; not put back: ${left.join(', ')}` : ''
  return oneLine(`Iteration ${iteration} was undone: ${count(files, 'file')} as before it${not}`)
}

/** The events behind a row. */
export function eventsOf(row: Row): RunEvent[] {
  const events = {
    iteration: () => [],
    think: (r: Extract<Row, { type: 'think' }>) => [r.reasoning, r.usage],
    tool: (r: ToolRow) => [r.call, r.result],
    check: (r: Extract<Row, { type: 'check' }>) => [r.check],
    gate: (r: Extract<Row, { type: 'gate' }>) => [r.required, r.response],
    event: (r: Extract<Row, { type: 'event' }>) => [r.event],
  }
  // The function under a type takes the row of that type.
  const found = (events[row.type] as (r: Row) => (RunEvent | null)[])(row)
  return found.filter(event => event !== null)
}
