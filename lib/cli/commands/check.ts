// retrai check: runs a goal's check once, without an agent.
import path from 'node:path'
import { duration } from '#lib/client/format'
import { type CheckReport, checkGoal } from '#lib/contract/goals'
import type { Network } from '#lib/contract/network'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { harmless, oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'

export interface CheckOptions {
  cwd?: string
  cmd?: string
  network?: Network
  trustConfig?: boolean
}

export async function check(
  goal: string | undefined,
  options: CheckOptions,
  session: Session,
): Promise<ExitCode> {
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
