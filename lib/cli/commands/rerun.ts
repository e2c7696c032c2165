// retrai rerun: a run again, as it was or with changes, and followed like a new one.
import path from 'node:path'
import type { Command } from 'commander'
import { rerunRun } from '#lib/contract/runs'
import type { ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { gateOptions, gatePolicyOf } from '../gate-options.ts'
import { parseWhole } from '../parse-options.ts'
import type { Session } from '../session.ts'
import {
  attendOptions,
  examples,
  keyHeader,
  limitOptions,
  limitsOf,
  type RunOptions,
  startAndAttend,
} from './run.ts'

export function describeRerun(command: Command): Command {
  command
    .description('start a run again, as it was or with changes')
    .argument('<run>', 'the beginning of a run id, or last')
    .option('-C, --cwd <dir>', 'in another directory')
    .option('-m, --model <name>', 'with another model')
    .option('-n, --iterations <n>', 'with another number of attempts', parseWhole)
    .option('--cmd <command>', 'with another command that decides')
    .option('--continue', 'go on where it stopped: in the directory as it is, told what was tried')
  // After --gate: alone it would mean that there are gates unless it is said.
  const gated = gateOptions(command).option('--no-gate', 'without stopping, where it stopped before')
  return attendOptions(limitOptions(gated)).addHelpText(
    'before',
    examples(
      ['retrai rerun last', 'the same again: goal, directory, model, budgets'],
      ['retrai rerun 550e8400 -m claude-opus-4-1 --cost 5', 'with another model, and more to spend'],
      ['retrai rerun last --continue -n 10', 'where an exhausted run stopped, with ten attempts more'],
      ['retrai rerun last --detach', 'and leave it running'],
    ),
  )
}

export const rerun = (name: string, options: RunOptions, session: Session): Promise<ExitCode> =>
  startAndAttend(options, session, async client => {
    const run_id = await findRun(client, name)
    const body = {
      ...limitsOf(options, session),
      continue: options.continue,
      gate_policy: gatePolicyOf(options),
      check_command: options.cmd,
      cwd: options.cwd === undefined ? undefined : path.resolve(session.place.cwd, options.cwd),
      model_name: options.model,
    }
    return client.call(rerunRun, { params: { run_id }, body, headers: keyHeader(options) })
  })
