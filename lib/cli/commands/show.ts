import type { Payload } from '#lib/contract/event'
import { listEvents, listIterations } from '#lib/contract/run-history'
import { getRun, type Run } from '#lib/contract/runs'
import type { Client } from '../client.ts'
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
  else {
    const pause = run.status === 'paused' ? await newestPause(client, run) : null
    const page = output.link(client.pageOf(run.run_id))
    for (const line of showLines(run, iterations, page, output.paint, pause)) output.data(line)
  }
  return EXIT.achieved
}

async function newestPause(client: Client, { run_id, last_seq }: Run): Promise<Payload<'paused'> | null> {
  const query = { kind: 'paused', before: last_seq + 1, limit: 1 }
  const [event] = await client.call(listEvents, { params: { run_id }, query })
  return event?.kind === 'paused' ? event.payload : null
}
