import type { Command } from 'commander'
import type { DiffStat } from '#lib/contract/events/shared'
import { getDiff } from '#lib/contract/run-history'
import { CliError, usageError } from '../cli-error.ts'
import { linesOfDiff } from '../event-lines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { diffLines } from '../gate-prompt.ts'
import { spelled } from '../harmless.ts'
import type { Output } from '../output.ts'
import { parseWhole } from '../parse-options.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export interface DiffOptions {
  iteration?: number
  from?: number
  to?: number
  stat?: boolean
  nameOnly?: boolean
  patch?: boolean
}

export const describeDiff = (command: Command): Command =>
  command
    .description('what a run changed, or one iteration of it')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('--iter, --iteration <n>', 'only in this iteration', parseWhole)
    .option('--from <n>', 'the first of several iterations; default: 1', parseWhole)
    .option('--to <n>', 'the last of them; default: the newest, and what is in the directory now', parseWhole)
    .option('--stat', 'only which files, and how many lines')
    .option('--name-only', 'only the names of the files')
    .option('--patch', 'as it is, for git apply: no colours, nothing spelled out')
    .addHelpText(
      'before',
      examples(
        ['retrai diff last', 'everything the newest run changed'],
        ['retrai diff last --iteration 2 --stat', 'the files of its second iteration'],
        ['retrai diff last --from 2 --to 3', 'what its second and third iteration changed together'],
        ['retrai diff last --patch | git apply', 'the same change on another checkout'],
      ),
    )

export async function diff(
  name: string,
  options: DiffOptions,
  { client, output }: Session,
): Promise<ExitCode> {
  const { iteration, from, to, stat, nameOnly, patch } = options
  if ([stat, nameOnly, patch].filter(Boolean).length > 1)
    throw usageError('Give one of --stat, --name-only and --patch')
  if (iteration !== undefined && (from !== undefined || to !== undefined))
    throw usageError('--iter names one iteration: leave out --from and --to')
  const run_id = await findRun(client, name)
  const found = await client.call(getDiff, { params: { run_id }, query: { iteration, from, to } })
  if (output.isJson) {
    output.json(found)
    return EXIT.achieved
  }
  if (!found) throw new CliError(EXIT.error, 'There is no diff: git is not installed where the run is')
  if (nameOnly) for (const { path } of found.stat.by_file) output.data(spelled(path))
  else if (stat) printStat(found.stat, output)
  else {
    output.progress(linesOfDiff(found.stat))
    if (patch) output.raw(found.patch)
    else if (found.patch !== '') for (const line of diffLines(found.patch, output.paint)) output.data(line)
    if (found.truncated) output.notice('The diff was cut; the rest can be seen in the directory itself.')
  }
  return EXIT.achieved
}

function printStat(stat: DiffStat, { data, paint }: Output): void {
  for (const { path, status, insertions, deletions, binary } of stat.by_file) {
    const lines = binary ? 'binary' : `${paint('green', `+${insertions}`)} ${paint('red', `−${deletions}`)}`
    data(`${status.padEnd(8)}  ${lines}  ${spelled(path)}`)
  }
  const more = stat.files - stat.by_file.length
  if (more > 0) data(`and ${more} more`)
  data(linesOfDiff(stat))
}
