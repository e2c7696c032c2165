// retrai watch: one run as it goes on, or all that are at work.
import { type Command, Option } from 'commander'
import { getRun, listRuns } from '#lib/contract/runs'
import { attendRun, ON_GATE, type OnGate } from '../attend-run.ts'
import type { ExitCode } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { parseDuration } from '../parse-options.ts'
import type { Session } from '../session.ts'
import { watchList } from '../watch-list.ts'
import { examples } from './run.ts'

/** Events of before that are shown. */
const HISTORY = 40
const AT_WORK = 'queued,running,waiting,paused'

export interface WatchCommandOptions {
  onGate?: OnGate
  timeout?: number
}

export const describeWatch = (command: Command): Command =>
  command
    .description('one run as it goes on, or all that are at work')
    .argument('[run]', 'the beginning of a run id, or last; default: all that are at work')
    .addOption(
      new Option('--on-gate <what>', 'at a gate; default: prompt in a terminal, else wait').choices(ON_GATE),
    )
    .option('--timeout <duration>', 'stop watching after this time; the run goes on', parseDuration)
    .addHelpText(
      'before',
      examples(
        ['retrai watch', 'every run at work, in a table that stays'],
        ['retrai watch last', 'the newest run: what it does, how far it is, and its gates'],
        ['retrai watch last --json', 'its events, one per line, until it has ended'],
      ),
    )

export async function watch(
  name: string | undefined,
  options: WatchCommandOptions,
  session: Session,
): Promise<ExitCode> {
  const { client } = session
  if (name !== undefined) {
    const runId = await findRun(client, name)
    const { last_seq } = await client.call(getRun, { params: { run_id: runId } })
    // A long history is folded, and only its end is read again.
    return attendRun(
      runId,
      { ...options, printAfter: last_seq - HISTORY },
      { session, client, child: null, leave: async () => {} },
    )
  }
  const read = (signal: AbortSignal) =>
    client.call(listRuns, { query: { status: AT_WORK, limit: 200 }, signal })
  await client.call(listRuns, { query: { limit: 1 } }) // a server that is not there is said at once
  return watchList(session, read)
}
