// A run in a few lines: at its end, and for `retrai show`.
import { age, compact, cost, count, duration, shortId } from '#lib/client/format'
import { goesOnWhen, PAUSE_WORDS, priorityWords, queueWords } from '#lib/client/hold-words'
import type { Payload } from '#lib/contract/event'
import { networkText } from '#lib/contract/network'
import type { Iteration } from '#lib/contract/run-history'
import type { Run, RunStatus, RunSummary } from '#lib/contract/runs'
import { sandboxText } from '#lib/contract/sandbox-mode'
import type { Paint, Style } from './colour.ts'
import { cut, progressFacts, timeOf } from './event-lines.ts'
import { harmless, oneLine } from './harmless.ts'

const STYLE: Record<RunStatus, Style> = {
  queued: 'dim',
  running: 'blue',
  waiting: 'yellow',
  paused: 'yellow',
  achieved: 'green',
  exhausted: 'red',
  failed: 'red',
  aborted: 'red',
}

/** Why a run that is queued or paused does not work; empty for all others. */
export function whyHeld({ status, queue, reason, priority }: RunSummary): string {
  if (status === 'paused') return oneLine(reason ?? '')
  if (status !== 'queued' || queue === null) return ''
  return oneLine(queueWords(queue)) + (priority === 0 ? '' : ` (${priorityWords(priority)})`)
}

export const paintStatus = (paint: Paint, status: RunStatus, text: string = status) =>
  paint(STYLE[status], text)

/** How it ended or where it stands, what it took, where to look. */
export function summaryLines(run: Run, page: string, paint: Paint): string[] {
  const reason = whyHeld(run) || oneLine(run.final_state?.goal_reason ?? run.reason ?? run.error ?? '')
  return [
    `${paintStatus(paint, run.status)}  ${reason}`.trimEnd(),
    `  ${factsOf(run).join(' · ')}`,
    `  ${run.run_id}  ${page}`,
  ]
}

function factsOf(run: Run): string[] {
  const end = run.ended_at === null ? Date.now() : Date.parse(run.ended_at)
  const lines = run.insertions === null ? [] : [`+${run.insertions} −${run.deletions ?? 0}`]
  const bill = run.scripted
    ? ['scripted: no model was called']
    : [`${compact(run.total_tokens)} tokens`, cost(run.estimated_cost_usd)]
  return [
    `${run.iteration} of ${count(run.max_iterations, 'iteration')}`,
    ...bill,
    ...lines,
    duration(end - Date.parse(run.created_at)),
  ]
}

/** `pause`: the newest one of a run that is paused. */
export function showLines(
  run: Run,
  iterations: Iteration[],
  page: string,
  paint: Paint,
  pause: Payload<'paused'> | null = null,
): string[] {
  const row = (name: string, value: string | null) =>
    value === null || value === '' ? [] : [`  ${paint('dim', name.padEnd(10))} ${value}`]
  return [
    ...summaryLines(run, page, paint),
    '',
    ...row('goal', indented(run.goal)),
    ...row(
      'paused',
      pause && `${pauseLine(pause)} · \`retrai approve ${shortId(run.run_id)}\` resumes it now`,
    ),
    ...row('check', run.check_command === null ? oneLine(run.goal_name) : oneLine(run.check_command)),
    ...row('model', oneLine(run.model_name)),
    ...row('directory', oneLine(run.cwd)),
    ...row('created', `${run.created_at} (${age(Date.parse(run.created_at), Date.now())} ago)`),
    ...row('priority', run.priority === 0 ? null : String(run.priority)),
    ...row('gate', run.gate && `${oneLine(run.gate.summary)} · \`retrai approve ${shortId(run.run_id)}\``),
    ...row('goals', run.goals.length > 1 ? run.goals.map(part => oneLine(part.goal)).join(', ') : null),
    ...row('judged', run.judged ? 'by a model, not by a command' : null),
    ...row('error', run.error === null ? null : oneLine(run.error)),
    ...row(
      'sandbox',
      run.sandbox === 'off'
        ? 'off: its commands ran plainly'
        : `${oneLine(sandboxText(run.sandbox))}, network ${oneLine(networkText(run.network))}`,
    ),
    ...(iterations.length > 0 ? ['', ...iterations.map(iteration => iterationLine(iteration, paint))] : []),
  ]
}

function pauseLine(pause: Payload<'paused'>): string {
  const when = goesOnWhen(pause)
  const next = when ?? `It tries again at ${timeOf(pause.retry_at ?? 0)}`
  return `${PAUSE_WORDS[pause.reason]}. ${next}`
}

const indented = (text: string) => harmless(text).trim().split('\n').join('\n             ')

function iterationLine(row: Iteration, paint: Paint): string {
  const verdict =
    row.achieved === null ? '…' : row.achieved ? paint('green', 'met') : paint('yellow', 'not met')
  const facts = [
    ...progressFacts(row.progress ?? undefined),
    count(row.tool_calls, 'tool call'),
    `${compact(row.tokens)} tokens`,
    cost(row.cost_usd),
    ...(row.diff_stat ? [`+${row.diff_stat.insertions} −${row.diff_stat.deletions}`] : []),
  ]
  const reason = cut(oneLine(row.reason ?? ''), 160)
  return `  ${`${row.iteration}`.padStart(3)}  ${verdict}  ${reason}\n       ${paint('dim', facts.join(' · '))}`
}
