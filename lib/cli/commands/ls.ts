import type { Command } from 'commander'
import { age, cost, projectName, shortId } from '#lib/client/format'
import { listRuns, RUN_STATUSES, type RunSummary } from '#lib/contract/runs'
import { usageError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { oneLine } from '../harmless.ts'
import { parseWhole } from '../parse-options.ts'
import { paintStatus, whyHeld } from '../run-lines.ts'
import type { Session } from '../session.ts'
import { type Column, tableLines } from '../table.ts'
import { examples } from './run.ts'

export interface LsOptions {
  status?: string
  goal?: string
  cwd?: string
  model?: string
  since?: string
  query?: string
  limit?: number
}

export function describeLs(command: Command): Command {
  return command
    .description('list runs, newest first')
    .option('-s, --status <list>', `one or more of ${RUN_STATUSES.join(', ')}`)
    .option('-g, --goal <list>', 'of these goals')
    .option('-C, --cwd <list>', 'in these directories')
    .option('-m, --model <list>', 'with these models')
    .option('--since <age>', 'created since then: 30m, 12h, 7d or an ISO time')
    .option('-f, --query <text>', 'text in goal, directory or run id')
    .option('-L, --limit <n>', 'at most so many, up to 200; default: 50', parseWhole)
    .addHelpText(
      'before',
      examples(
        ['retrai ls --status waiting', 'what needs you'],
        ['retrai ls --since 7d --json', 'for a script; without a terminal, columns are separated by tabs'],
      ),
    )
}

/** Last, so that scripts that cut columns by number keep theirs. */
const WHY: Column = { title: 'WHY NOT AT WORK', flexible: true }

const COLUMNS: Column[] = [
  { title: 'RUN' },
  { title: 'STATUS' },
  { title: 'GOAL', flexible: true },
  { title: 'ITER', right: true },
  { title: 'FAILING', right: true },
  { title: 'COST', right: true },
  { title: 'AGE', right: true },
  { title: 'MODEL', flexible: true },
  { title: 'PROJECT', flexible: true },
]

export async function ls(options: LsOptions, { client, output }: Session): Promise<ExitCode> {
  if (options.limit !== undefined && (options.limit < 1 || options.limit > 200)) {
    throw usageError('--limit: 1 to 200')
  }
  const runs = await client.call(listRuns, {
    query: {
      status: options.status,
      goal: options.goal,
      cwd: options.cwd,
      model_name: options.model,
      since: options.since,
      q: options.query,
      limit: options.limit,
    },
  })
  if (output.isJson) {
    output.json(runs)
    return EXIT.achieved
  }
  if (runs.length === 0) {
    output.progress('No runs. Start one with `retrai run`.')
    return EXIT.achieved
  }
  const isTerminal = output.width !== null
  // In a terminal there is no room for a column that says nothing.
  const columns = !isTerminal || runs.some(run => whyHeld(run) !== '') ? [...COLUMNS, WHY] : COLUMNS
  const rows = runs.map(run =>
    [...cellsOf(run, isTerminal), whyHeld(run)]
      .slice(0, columns.length)
      .map((text, i) => ({ text, paint: painterOf(run, i) })),
  )
  for (const line of tableLines(columns, rows, output.width)) output.data(line)
  return EXIT.achieved

  function painterOf(run: RunSummary, column: number) {
    return (text: string) => (column === 1 ? paintStatus(output.paint, run.status, text) : text)
  }
}

function cellsOf(run: RunSummary, isTerminal: boolean): string[] {
  return [
    isTerminal ? shortId(run.run_id) : run.run_id,
    run.status,
    oneLine(run.goal),
    `${run.iteration}/${run.max_iterations}`,
    run.failing === null ? '' : `${run.failing}/${run.tests_total ?? '?'}`,
    run.scripted ? 'scripted' : cost(run.estimated_cost_usd),
    isTerminal ? age(Date.parse(run.created_at), Date.now()) : run.created_at,
    oneLine(run.model_name),
    oneLine(isTerminal ? projectName(run.cwd) : run.cwd),
  ]
}
