// retrai logs: the journal of a run on stdout, so far or on and on.
import type { Command } from 'commander'
import { EVENT_KINDS, type RunEvent } from '#lib/contract/event'
import { listEvents } from '#lib/contract/run-history'
import { getRun } from '#lib/contract/runs'
import { usageError } from '../cli-error.ts'
import { createEventLines } from '../event-lines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import type { Output } from '../output.ts'
import { parseWhole } from '../parse-options.ts'
import type { Session } from '../session.ts'
import { watchRun } from '../watch-run.ts'
import { examples } from './run.ts'

const PAGE = 1000

export interface LogsOptions {
  follow?: boolean
  after?: number
  iteration?: number
  kind?: string
}

export function describeLogs(command: Command): Command {
  return command
    .description('what happened in a run')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('-f, --follow', 'go on until the run has ended')
    .option('--after <seq>', 'only events after this number', parseWhole)
    .option('--iteration <n>', 'only of this iteration', parseWhole)
    .option('--kind <list>', 'only these kinds, e.g. goal_check,tool_call')
    .addHelpText(
      'before',
      examples(
        ['retrai logs last -f', 'watch the newest run'],
        ['retrai logs 550e8400 --json --kind goal_check', 'its checks with their evidence, one per line'],
      ),
    )
}

export async function logs(
  name: string,
  options: LogsOptions,
  { client, output }: Session,
): Promise<ExitCode> {
  const isWanted = filterOf(options)
  const show = createPrinter(output)
  const runId = await findRun(client, name)
  const print = (event: RunEvent) => {
    if (isWanted(event)) show(event)
  }
  if (options.follow) {
    const onReconnect = () => output.progress('The connection was lost; connecting again')
    const end = await watchRun({ client, runId, after: options.after ?? 0, show: print, onReconnect })
    return end.kind === 'interrupted' ? EXIT.interrupted : EXIT.achieved
  }
  const { last_seq } = await client.call(getRun, { params: { run_id: runId } })
  let after = options.after ?? 0
  while (after < last_seq) {
    const events = await client.call(listEvents, { params: { run_id: runId }, query: { after, limit: PAGE } })
    for (const event of events) if (event.seq <= last_seq) print(event)
    after = events.at(-1)?.seq ?? last_seq
  }
  return EXIT.achieved
}

function createPrinter(output: Output): (event: RunEvent) => void {
  if (output.isJson) return event => output.json(event)
  const lines = createEventLines({ paint: output.paint, width: output.width })
  return event => {
    for (const line of lines.linesOf(event)) output.data(line)
  }
}

function filterOf({ kind, iteration }: LogsOptions): (event: RunEvent) => boolean {
  const kinds = kind?.split(',').map(name => name.trim())
  const unknown = kinds?.find(name => !EVENT_KINDS.some(known => known.kind === name))
  if (unknown !== undefined) {
    throw usageError(
      `--kind: there is no “${unknown}”; the kinds are ${EVENT_KINDS.map(known => known.kind).join(', ')}`,
    )
  }
  return event =>
    (kinds === undefined || kinds.includes(event.kind)) &&
    (iteration === undefined || event.iteration === iteration)
}
