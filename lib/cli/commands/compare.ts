// retrai compare: two runs side by side, what was asked for and what came of it.
import type { Command } from 'commander'
import { compact, cost, count, duration, shortId } from '#lib/client/format'
import { type Iteration, listIterations } from '#lib/contract/run-history'
import { getRun, type Run } from '#lib/contract/runs'
import type { Client } from '../client.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { oneLine } from '../harmless.ts'
import { paintStatus } from '../run-lines.ts'
import type { Session } from '../session.ts'
import { tableLines } from '../table.ts'
import { examples } from './run.ts'

interface Side {
  run: Run
  iterations: Iteration[]
}

export const describeCompare = (command: Command): Command =>
  command
    .description('two runs side by side: what was asked for, what came of it, and how it went')
    .argument('<a>', 'the beginning of a run id, or last')
    .argument('<b>', 'another one')
    .addHelpText(
      'before',
      examples(
        ['retrai compare 550e8400 last', 'an earlier run and the newest'],
        ['retrai compare 550e8400 last --json | jq .differs', 'what was asked differently'],
      ),
    )

export async function compare(a: string, b: string, { client, output }: Session): Promise<ExitCode> {
  const [left, right] = await Promise.all([sideOf(client, a), sideOf(client, b)])
  if (output.isJson) {
    output.json({ a: left, b: right, differs: differing(left.run, right.run) })
    return EXIT.achieved
  }
  const { paint, width } = output
  const status = (side: Side) => (text: string) => paintStatus(paint, side.run.status, text)
  const rows = rowsOf(left, right).map(([name, one, other]) => [
    { text: name, paint: (text: string) => paint('dim', text) },
    { text: one, ...(name === 'status' && { paint: status(left) }) },
    { text: other, ...(name === 'status' && { paint: status(right) }) },
    // Where a terminal has colours, and where it has none.
    { text: one === other ? '' : '≠' },
  ])
  const columns = [
    { title: '' },
    { title: shortId(left.run.run_id), flexible: true },
    { title: shortId(right.run.run_id), flexible: true },
    { title: '' },
  ]
  for (const line of tableLines(columns, rows, width)) output.data(line)
  return EXIT.achieved
}

async function sideOf(client: Client, name: string): Promise<Side> {
  const params = { run_id: await findRun(client, name) }
  const [run, iterations] = await Promise.all([
    client.call(getRun, { params }),
    client.call(listIterations, { params }),
  ])
  return { run, iterations }
}

/** What somebody asked for; the rest came of it. */
const ASKED = [
  'goal',
  'cwd',
  'model_name',
  'check_command',
  'success_condition',
  'goals',
  'max_iterations',
  'max_cost_usd',
  'max_tokens',
  'max_minutes',
  'hitl_enabled',
  'protect',
  'confirm',
  'no_progress_iterations',
  'instructions',
  'network',
  'sandbox',
] as const satisfies (keyof Run)[]

export const differing = (a: Run, b: Run): string[] =>
  ASKED.filter(name => JSON.stringify(a[name]) !== JSON.stringify(b[name]))

function rowsOf(a: Side, b: Side): [name: string, a: string, b: string][] {
  const row = (name: string, of: (side: Side) => string): [string, string, string] => [name, of(a), of(b)]
  const attempts = Math.max(a.iterations.length, b.iterations.length)
  return [
    row('run', ({ run }) => run.run_id),
    row('status', ({ run }) => run.status),
    row('reason', ({ run }) => oneLine(run.final_state?.goal_reason ?? run.reason ?? '')),
    ...ASKED.map(name => row(name.replaceAll('_', ' '), ({ run }) => textOf(run[name]))).filter(
      ([name, one, other]) => one !== other || ['goal', 'cwd', 'model name'].includes(name),
    ),
    row('iterations', ({ run }) => `${run.iteration} of ${run.max_iterations}`),
    row('failing', ({ run }) => (run.trend.length === 0 ? '—' : run.trend.join(' → '))),
    row('tokens', ({ run }) => compact(run.total_tokens)),
    row('cost', ({ run }) => (run.scripted ? 'scripted' : cost(run.estimated_cost_usd))),
    row('time', ({ run }) =>
      duration((run.ended_at === null ? Date.now() : Date.parse(run.ended_at)) - Date.parse(run.created_at)),
    ),
    row('changes', ({ run }) =>
      run.insertions === null ? '—' : `+${run.insertions} −${run.deletions ?? 0}`,
    ),
    ...Array.from({ length: attempts }, (_, at) =>
      row(`iteration ${at + 1}`, ({ iterations }) => iterationOf(iterations[at])),
    ),
  ]
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '—'
  return oneLine(typeof value === 'string' ? value : JSON.stringify(value))
}

function iterationOf(iteration: Iteration | undefined): string {
  if (!iteration) return '—'
  const { achieved, tests, tool_calls, tokens, cost_usd } = iteration
  const verdict = achieved === null ? '…' : achieved ? 'met' : 'not met'
  const failing = tests ? [`${tests.failed} of ${tests.total} failing`] : []
  return [
    verdict,
    ...failing,
    count(tool_calls, 'tool call'),
    `${compact(tokens)} tokens`,
    cost(cost_usd),
  ].join(' · ')
}
