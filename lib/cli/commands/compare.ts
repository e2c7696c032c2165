// retrai compare: two runs side by side, what was asked for and what came of it.
import type { Command } from 'commander'
import { type ComparedRun, compareFacts, compareSettings, unlikeness } from '#lib/client/compare-runs'
import { compact, cost, count, shortId } from '#lib/client/format'
import { type Iteration, listEvents, listIterations } from '#lib/contract/run-history'
import { getRun, isFinal } from '#lib/contract/runs'
import type { Client } from '../client.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { oneLine } from '../harmless.ts'
import { paintStatus } from '../run-lines.ts'
import type { Session } from '../session.ts'
import { tableLines } from '../table.ts'
import { examples } from './run.ts'

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
    const settings = compareSettings(left.run, right.run)
    const differs = settings.filter(one => one.isDifferent).map(({ field }) => field)
    output.json({ a: left, b: right, differs, unlike: unlikeness(left, right) })
    return EXIT.achieved
  }
  const { paint, width } = output
  const status = (side: ComparedRun) => (text: string) => paintStatus(paint, side.run.status, text)
  const rows = rowsOf(left, right).map(({ name, a, b, delta }) => [
    { text: name, paint: (text: string) => paint('dim', text) },
    { text: a, ...(name === 'Status' && { paint: status(left) }) },
    { text: b, ...(name === 'Status' && { paint: status(right) }) },
    // Where a terminal has colours, and where it has none.
    { text: a === b ? '' : (delta ?? '≠') },
  ])
  const columns = [
    { title: '' },
    { title: shortId(left.run.run_id), flexible: true },
    { title: shortId(right.run.run_id), flexible: true },
    { title: '' },
  ]
  for (const line of tableLines(columns, rows, width)) output.data(line)
  for (const why of unlikeness(left, right)) output.notice(`Not like for like: ${why}`)
  return EXIT.achieved
}

async function sideOf(client: Client, name: string): Promise<ComparedRun> {
  const params = { run_id: await findRun(client, name) }
  const [run, iterations, edges] = await Promise.all([
    client.call(getRun, { params }),
    client.call(listIterations, { params }),
    client.call(listEvents, { params, query: { kind: 'run_start,run_end', limit: 10 } }),
  ])
  const start = edges.find(event => event.kind === 'run_start')
  const end = edges.findLast(event => event.kind === 'run_end')
  return {
    run,
    iterations,
    base: start?.payload.base ?? null,
    duration_ms: end && isFinal(run.status) ? end.payload.duration_ms : null,
  }
}

interface Row {
  name: string
  a: string
  b: string
  delta?: string | null
}

/** Settings that say nothing by being the same are left out. */
const ALWAYS = ['goal', 'cwd', 'model_name']

function rowsOf(a: ComparedRun, b: ComparedRun): Row[] {
  const row = (name: string, of: (side: ComparedRun) => string): Row => ({ name, a: of(a), b: of(b) })
  const attempts = Math.max(a.iterations.length, b.iterations.length)
  const [, ...facts] = compareFacts(a, b) // the result is the status, said below by its own word
  return [
    row('Run', ({ run }) => run.run_id),
    row('Status', ({ run }) => run.status),
    row('Reason', ({ run }) => oneLine(run.final_state?.goal_reason ?? run.reason ?? '')),
    ...compareSettings(a.run, b.run)
      .filter(({ field, isDifferent }) => isDifferent || ALWAYS.includes(field))
      .map(({ name, a, b }) => ({ name, a: oneLine(a), b: oneLine(b) })),
    ...facts,
    ...Array.from({ length: attempts }, (_, at) =>
      row(`Iteration ${at + 1}`, ({ iterations }) => iterationOf(iterations[at])),
    ),
  ]
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
