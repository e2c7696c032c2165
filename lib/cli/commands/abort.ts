import { goalTitle } from '#lib/client/format'
import { abortRun, getRun } from '#lib/contract/runs'
import { ask } from '../ask.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { oneLine } from '../harmless.ts'
import { summaryLines } from '../run-lines.ts'
import type { Session } from '../session.ts'

export interface AbortOptions {
  reason?: string
  yes?: boolean
}

/** retrai abort: ends a run now, with everything it started. In a terminal it asks first. */
export async function abort(
  name: string,
  { reason, yes }: AbortOptions,
  { client, output, canAsk, place }: Session,
): Promise<ExitCode> {
  const run_id = await findRun(client, name)
  if (canAsk && !yes) {
    const run = await client.call(getRun, { params: { run_id } })
    const question = `Abort ${run_id.slice(0, 8)} “${oneLine(goalTitle(run.goal))}” (${run.status})? [y/N] `
    const reply = await ask({ ...place, question, hold: output.hold })
    if (reply.kind !== 'answer' || !/^y(es)?$/i.test(reply.text)) {
      output.notice('Nothing was done.')
      return EXIT.interrupted
    }
  }
  const run = await client.call(abortRun, { params: { run_id }, body: { reason } })
  if (output.isJson) output.json(run)
  else
    for (const line of summaryLines(run, output.link(client.pageOf(run_id)), output.paint)) output.data(line)
  return EXIT.achieved
}
