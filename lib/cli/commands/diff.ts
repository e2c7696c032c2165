import { getDiff } from '#lib/contract/run-history'
import { CliError } from '../cli-error.ts'
import { linesOfDiff } from '../event-lines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { diffLines } from '../gate-prompt.ts'
import type { Session } from '../session.ts'

/** retrai diff: what a run, or one iteration of it, changed. */
export async function diff(
  name: string,
  { iteration }: { iteration?: number },
  { client, output }: Session,
): Promise<ExitCode> {
  const run_id = await findRun(client, name)
  const found = await client.call(getDiff, { params: { run_id }, query: { iteration } })
  if (output.isJson) {
    output.json(found)
    return EXIT.achieved
  }
  if (!found) throw new CliError(EXIT.error, 'There is no diff: git is not installed where the run is')
  output.progress(linesOfDiff(found.stat))
  if (found.patch !== '') for (const line of diffLines(found.patch, output.paint)) output.data(line)
  if (found.truncated) output.notice('The diff was cut; the rest can be seen in the directory itself.')
  return EXIT.achieved
}
