// retrai logs: the journal of a run on stdout, so far or on and on.
import type { Command } from 'commander'
import { EVENT_KINDS, type RunEvent } from '#lib/contract/event'
import { listEvents } from '#lib/contract/run-history'
import { getRun } from '#lib/contract/runs'
import { usageError } from '../cli-error.ts'
import { createEventLines } from '../event-lines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { harmless } from '../harmless.ts'
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
  errors?: boolean
  tail?: number
  raw?: boolean
}

export function describeLogs(command: Command): Command {
  return command
    .description('what happened in a run')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('-f, --follow', 'go on until the run has ended')
    .option('--since-seq, --after <seq>', 'only events after this number', parseWhole)
    .option('--iter, --iteration <n>', 'only of this iteration', parseWhole)
    .option('--kind <list>', 'only these kinds, e.g. goal_check,tool_call')
    .option('--errors', 'only what went wrong: errors, failed commands, checks that are not met')
    .option('--tail <n>', 'only the last so many of them', parseWhole)
    .option('--raw', 'with the text and the output in full, as they were')
    .addHelpText(
      'before',
      examples(
        ['retrai logs last -f', 'watch the newest run'],
        ['retrai logs last --errors --raw', 'what went wrong, with the output of the commands'],
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
  const { raw = false, tail } = options
  const lines = createEventLines({ paint: output.paint, width: output.width })
  const params = { run_id: await findRun(client, name) }
  const { last_seq } = await client.call(getRun, { params })

  /** The last of what came before, as long as its end is not known; null once it is, and without --tail. */
  let held: Said[] | null = tail === undefined ? null : []
  const take = (event: RunEvent) => {
    // Also what is not wanted: a result is told with the call it belongs to.
    const text = output.isJson ? [] : [...lines.linesOf(event), ...(raw ? fullLines(event) : [])]
    if (isWanted(event) && (output.isJson || text.length > 0)) {
      if (held === null) say({ event, text }, output)
      else {
        held.push({ event, text })
        if (held.length > (tail ?? 0)) held.shift()
      }
    }
    if (event.seq >= last_seq) release()
  }
  function release() {
    for (const one of held ?? []) say(one, output)
    held = null
  }

  if (options.follow) {
    const onReconnect = () => output.progress('The connection was lost; connecting again')
    const after = options.after ?? 0
    const end = await watchRun({ client, runId: params.run_id, after, show: take, onReconnect })
    return end.kind === 'interrupted' ? EXIT.interrupted : EXIT.achieved
  }
  let after = options.after ?? 0
  while (after < last_seq) {
    const events = await client.call(listEvents, { params, query: { after, limit: PAGE } })
    for (const event of events) if (event.seq <= last_seq) take(event)
    after = events.at(-1)?.seq ?? last_seq
  }
  return EXIT.achieved
}

interface Said {
  event: RunEvent
  text: string[]
}

function say({ event, text }: Said, output: Output): void {
  if (output.isJson) output.json(event)
  else for (const line of text) output.data(line)
}

/** What a line only hints at: what the model said, and what commands and checks printed. */
function fullLines(event: RunEvent): string[] {
  const text =
    event.kind === 'reasoning'
      ? event.payload.text
      : event.kind === 'tool_result' || event.kind === 'goal_check'
        ? event.payload.output
        : ''
  return text.trim() === ''
    ? []
    : harmless(text)
        .trimEnd()
        .split('\n')
        .map(line => `    ${line}`)
}

function isBad(event: RunEvent): boolean {
  switch (event.kind) {
    case 'error':
    case 'model_retry':
      return true
    case 'tool_result':
      return event.payload.status !== 'ok' || (event.payload.exit_code ?? 0) !== 0
    case 'goal_check':
    case 'run_end':
      return !event.payload.achieved
    default:
      return false
  }
}

function filterOf({ kind, iteration, errors }: LogsOptions): (event: RunEvent) => boolean {
  const kinds = kind?.split(',').map(name => name.trim())
  const unknown = kinds?.find(name => !EVENT_KINDS.some(known => known.kind === name))
  if (unknown !== undefined) {
    throw usageError(
      `--kind: there is no “${unknown}”; the kinds are ${EVENT_KINDS.map(known => known.kind).join(', ')}`,
    )
  }
  return event =>
    (kinds === undefined || kinds.includes(event.kind)) &&
    (iteration === undefined || event.iteration === iteration) &&
    (!errors || isBad(event))
}
