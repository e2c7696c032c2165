// retrai verify: the check of a run once more, held against what was kept of it.
import path from 'node:path'
import type { Command } from 'commander'
import { duration } from '#lib/client/format'
import { type Verification, verifyRun } from '#lib/contract/evidence'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { harmless, oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export interface VerifyOptions {
  cwd?: string
  checkout?: boolean
}

export function describeVerify(command: Command): Command {
  return command
    .description('run the check of a run again, and compare with its evidence')
    .argument('<run>', 'the beginning of a run id, or last')
    .option(
      '-C, --cwd <dir>',
      'another copy of the work, e.g. a fresh checkout; default: the directory of the run',
    )
    .option('--checkout', 'a fresh copy of exactly what was judged, in a temporary directory')
    .addHelpText(
      'before',
      examples(
        ['retrai verify last', 'whether its directory is still what was judged, and still says the same'],
        ['retrai verify last -C ~/review/shop', 'the same for a checkout of your own'],
      ),
    )
}

export async function verify(
  name: string,
  { cwd, checkout }: VerifyOptions,
  { client, output, place }: Session,
): Promise<ExitCode> {
  const run_id = await findRun(client, name)
  const body = {
    ...(cwd !== undefined && { cwd: path.resolve(place.cwd, cwd) }),
    ...(checkout && { checkout }),
  }
  const found = await client.call(verifyRun, { params: { run_id }, body })
  if (output.isJson) output.json(found)
  else print(found, { output })
  return found.agrees ? EXIT.achieved : EXIT.notAchieved
}

function print(found: Verification, { output }: Pick<Session, 'output'>): void {
  const { now, was } = found
  if (!now.achieved) output.progress(harmless(now.output).trimEnd())
  output.data(
    `${output.paint(found.agrees ? 'green' : 'red', found.agrees ? 'agrees' : 'does not agree')}  ${oneLine(found.reason)}`,
  )
  output.data(
    `  then  ${was.achieved ? 'achieved' : 'not achieved'}: ${oneLine(was.reason)} (${was.checked_at})`,
  )
  output.data(`  now   ${now.achieved ? 'achieved' : 'not achieved'}: ${oneLine(now.reason)}`)
  output.data(
    `  ${oneLine(now.command)} · exit ${now.exit_code ?? 'none'} · ${duration(now.duration_ms)} · in ${oneLine(found.cwd)}`,
  )
}
