import { listIterations } from '#lib/contract/run-history'
import { getRun } from '#lib/contract/runs'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { showLines } from '../run-lines.ts'
import type { Session } from '../session.ts'

/** retrai show: a run on one screen. */
export async function show(name: string, { client, output }: Session): Promise<ExitCode> {
  const params = { run_id: await findRun(client, name) }
  const [run, iterations] = await Promise.all([
    client.call(getRun, { params }),
    client.call(listIterations, { params }),
  ])
  if (output.isJson) output.json(run)
  else
    for (const line of showLines(run, iterations, client.pageOf(run.run_id), output.paint)) output.data(line)
  return EXIT.achieved
}
