// retrai check: runs a goal's check once, without an agent; or says what the last check of a run found.
import path from 'node:path'
import type { Command } from 'commander'
import { duration } from '#lib/client/format'
import { getEvidence } from '#lib/contract/evidence'
import { type CheckReport, checkGoal } from '#lib/contract/goals'
import type { Network } from '#lib/contract/network'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { harmless, oneLine } from '../harmless.ts'
import { parseNetwork } from '../parse-options.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

export interface CheckOptions {
  cwd?: string
  cmd?: string
  network?: Network
  trustConfig?: boolean
}

export const describeCheck = (command: Command): Command =>
  command
    .description("run a goal's check once: no agent, no tokens; of a run, say what its last check found")
    .argument(
      '[goal]',
      'a goal, or a run: the first eight letters of its id, or last; default: what the project speaks for',
    )
    .option('-C, --cwd <dir>', 'the project; default: this directory')
    .option('--cmd <command>', 'the command that decides')
    .option(
      '--network <what>',
      'of a sandboxed check: off, on, or hosts with commas between; default: off',
      parseNetwork,
    )
    .option('--trust-config', 'accept the .retrai.yml of the project as it is')
    .addHelpText(
      'before',
      examples(
        ['retrai check', 'whether the goal of this project is met already'],
        ['retrai check pytest -C ~/app', 'of another project'],
        ['retrai check last', 'what the last check of the newest run found'],
      ),
    )

const RUN = /^(last|[0-9a-f]{8}(-[0-9a-f-]*)?)$/i

export async function check(
  goal: string | undefined,
  options: CheckOptions,
  session: Session,
): Promise<ExitCode> {
  if (goal !== undefined && RUN.test(goal)) return lastCheck(goal, session)
  const { client, child } = await session.connect()
  try {
    const cwd = path.resolve(session.place.cwd, options.cwd ?? '.')
    const report = await client.call(checkGoal, {
      // Without a goal the server decides also where the project's settings name several.
      body: {
        goal: goal ?? (options.cmd === undefined ? undefined : 'shell-goal'),
        cwd,
        check_command: options.cmd,
        network: options.network,
        trust_config: options.trustConfig,
      },
    })
    if (session.output.isJson) session.output.json(report)
    else print(report, session)
    return report.broken ? EXIT.failed : report.achieved ? EXIT.achieved : EXIT.notAchieved
  } finally {
    await child?.stop()
  }
}

async function lastCheck(name: string, { client, output }: Session): Promise<ExitCode> {
  const run_id = await findRun(client, name)
  const evidence = await client.call(getEvidence, { params: { run_id }, query: {} })
  const { achieved, broken } = evidence
  if (output.isJson) output.json(evidence)
  else {
    if (!achieved) output.progress(harmless(evidence.output).trimEnd())
    const verdict = broken ? 'broken' : achieved ? 'met' : 'not met'
    output.data(`${output.paint(achieved ? 'green' : 'red', verdict)}  ${oneLine(evidence.reason)}`)
    output.data(
      `  ${oneLine(evidence.command)} · exit ${evidence.exit_code ?? 'none'} · ${duration(evidence.duration_ms)} · ${evidence.checked_at}`,
    )
  }
  return broken ? EXIT.failed : achieved ? EXIT.achieved : EXIT.notAchieved
}

function print(report: CheckReport, { output }: Session): void {
  const verdict = report.broken ? 'broken' : report.achieved ? 'met' : 'not met'
  if (!report.achieved) output.progress(harmless(report.output).trimEnd())
  output.data(`${output.paint(report.achieved ? 'green' : 'red', verdict)}  ${oneLine(report.reason)}`)
  for (const part of report.goals ?? [])
    output.data(`  ${part.achieved ? '✓' : '✗'} ${oneLine(part.goal)}: ${oneLine(part.reason)}`)
  output.data(
    `  ${oneLine(report.command)} · exit ${report.exit_code ?? 'none'} · ${duration(report.duration_ms)}`,
  )
}
