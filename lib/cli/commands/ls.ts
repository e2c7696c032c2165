import { type Command, Option } from 'commander'
import { count } from '#lib/client/format'
import { listRuns, RUN_STATUSES } from '#lib/contract/runs'
import { usageError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parseWhole } from '../parse-options.ts'
import { runTable } from '../run-table.ts'
import type { Session } from '../session.ts'
import { watchList } from '../watch-list.ts'
import { examples } from './run.ts'

export interface LsOptions {
  status?: string
  goal?: string
  project?: string
  /** As it was called first. */
  cwd?: string
  model?: string
  since?: string
  query?: string
  /** As it was called first. */
  f?: string
  limit?: number
  needsYou?: boolean
  watch?: boolean
}

export function describeLs(command: Command): Command {
  return command
    .description('list runs, newest first')
    .option('-s, --status <list>', `one or more of ${RUN_STATUSES.join(', ')}`)
    .option('-g, --goal <list>', 'of these goals')
    .option('-C, --project <list>', 'in these directories')
    .addOption(new Option('--cwd <list>').hideHelp())
    .option('-m, --model <list>', 'with these models')
    .option('--since <age>', 'created since then: 30m, 12h, 7d or an ISO time')
    .option('-q, --query <text>', 'text in goal, directory or run id')
    .addOption(new Option('-f <text>').hideHelp())
    .option('-L, --limit <n>', 'at most so many, up to 200; default: 50', parseWhole)
    .option('--needs-you', 'only runs that wait for a person')
    .option('--watch', 'go on until Ctrl-C; without a terminal, a line for each change')
    .addHelpText(
      'before',
      examples(
        ['retrai ls --needs-you', 'what needs you'],
        ['retrai ls --since 7d --json', 'for a script; without a terminal, columns are separated by tabs'],
      ),
    )
}

export async function ls(options: LsOptions, session: Session): Promise<ExitCode> {
  const { client, output } = session
  if (options.limit !== undefined && (options.limit < 1 || options.limit > 200)) {
    throw usageError('--limit: 1 to 200')
  }
  if (options.needsYou && options.status !== undefined)
    throw usageError('--needs-you is --status waiting: give one of the two')
  const query = {
    status: options.needsYou ? 'waiting' : options.status,
    goal: options.goal,
    cwd: options.project ?? options.cwd,
    model_name: options.model,
    since: options.since,
    q: options.query ?? options.f,
    limit: options.limit,
  }
  const runs = await client.call(listRuns, { query })
  if (options.watch) return watchList(session, signal => client.call(listRuns, { query, signal }))
  if (output.isJson) {
    output.json(runs)
    return EXIT.achieved
  }
  if (runs.length === 0) {
    output.progress(
      options.needsYou ? 'Nothing waits for a person.' : 'No runs. Start one with `retrai run`.',
    )
    return EXIT.achieved
  }
  const { width, paint } = output
  const link = (runId: string, text: string) => output.link(client.pageOf(runId), text)
  for (const line of runTable(runs, { width, paint, link })) output.data(line)
  const waiting = runs.filter(({ status }) => status === 'waiting').length
  if (waiting > 0 && !options.needsYou && width !== null)
    output.progress(`${count(waiting, 'run waits', 'runs wait')} for a person: retrai ls --needs-you`)
  return EXIT.achieved
}
