// retrai wait: blocks until runs have ended.
import type { Command } from 'commander'
import { shortId } from '#lib/client/format'
import { getRun, isFinal, type Run } from '#lib/contract/runs'
import { CliError } from '../cli-error.ts'
import { EXIT, type ExitCode, exitCodeOfStatus } from '../exit-codes.ts'
import { findRun } from '../find-run.ts'
import { onInterrupt } from '../interrupt.ts'
import { parseDuration } from '../parse-options.ts'
import { patiently } from '../patiently.ts'
import { summaryLines } from '../run-lines.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

const POLL_SECONDS = 30

export interface WaitOptions {
  timeout?: number
  onGate: 'wait' | 'exit'
}

export function describeWait(command: Command): Command {
  return command
    .description('block until runs have ended; the exit code is that of the first that was not achieved')
    .argument('<run...>', 'beginnings of run ids, or last')
    .option('--timeout <duration>', 'give up after this time (exit code 124)', parseDuration)
    .addHelpText(
      'before',
      examples(
        ['retrai wait last --timeout 1h && deploy', 'go on only when the goal is met'],
        ['retrai wait -1 -2 -3 --on-gate exit', 'the newest three, or until one of them needs you'],
      ),
    )
}

export async function wait(names: string[], options: WaitOptions, session: Session): Promise<ExitCode> {
  const { client } = session
  const stop = new AbortController()
  const stopAs = (code: ExitCode, why: string) => stop.abort(new CliError(code, why))
  const stopListening = onInterrupt(() => stopAs(EXIT.interrupted, 'Interrupted; the runs go on'))
  const timer =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => stopAs(EXIT.timeout, 'Not ended within --timeout; the runs go on'), options.timeout)
  try {
    const ids = await Promise.all(names.map(name => findRun(client, name)))
    // All at once: one that waits for a person is said at once, and the others may go on for hours.
    const codes = await Promise.all(
      ids.map(async run_id => {
        const run = await ended(run_id, options.onGate, session, stop.signal)
        print(run, session)
        if (!isFinal(run.status)) throw new AtGate()
        return exitCodeOfStatus(run.status)
      }),
    )
    return codes.find(code => code !== EXIT.achieved) ?? EXIT.achieved
  } catch (error) {
    if (error instanceof AtGate) return EXIT.waiting
    throw error
  } finally {
    stop.abort(new CliError(EXIT.interrupted, 'The wait is over'))
    clearTimeout(timer)
    stopListening()
  }
}

/** Ends a wait for several runs. */
class AtGate extends Error {}

function print(run: Run, { client, output }: Session): void {
  if (output.isJson) output.json(run)
  else
    for (const line of summaryLines(run, output.link(client.pageOf(run.run_id)), output.paint))
      output.data(line)
}

/** The run once it has ended, or waits at a gate when that counts. */
async function ended(
  run_id: string,
  onGate: WaitOptions['onGate'],
  { client, output }: Session,
  signal: AbortSignal,
): Promise<Run> {
  const params = { run_id }
  const isDone = ({ status }: Run) => isFinal(status) || (status === 'waiting' && onGate === 'exit')
  let run = await client.call(getRun, { params, signal })
  if (!isDone(run)) output.progress(`Waiting for the end of ${shortId(run.run_id)}, which is ${run.status}`)
  const onLost = () => output.progress('The connection was lost; asking again')
  const ask = () => client.call(getRun, { params, query: { wait: POLL_SECONDS }, signal })
  while (!isDone(run)) run = await patiently(ask, { signal, onLost })
  return run
}
