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
      examples(['retrai wait last --timeout 1h && deploy', 'go on only when the goal is met']),
    )
}

export async function wait(names: string[], options: WaitOptions, session: Session): Promise<ExitCode> {
  const { client, output } = session
  const stop = new AbortController()
  const stopAs = (code: ExitCode, why: string) => stop.abort(new CliError(code, why))
  const stopListening = onInterrupt(() => stopAs(EXIT.interrupted, 'Interrupted; the runs go on'))
  const timer =
    options.timeout === undefined
      ? undefined
      : setTimeout(() => stopAs(EXIT.timeout, 'Not ended within --timeout; the runs go on'), options.timeout)
  const codes: ExitCode[] = []
  try {
    for (const name of names) {
      const run = await ended(name, options.onGate, session, stop.signal)
      if (output.isJson) output.json(run)
      else
        for (const line of summaryLines(run, output.link(client.pageOf(run.run_id)), output.paint))
          output.data(line)
      codes.push(isFinal(run.status) ? exitCodeOfStatus(run.status) : EXIT.waiting)
    }
  } finally {
    clearTimeout(timer)
    stopListening()
  }
  return codes.find(code => code !== EXIT.achieved) ?? EXIT.achieved
}

/** The run once it has ended, or waits at a gate when that counts. */
async function ended(
  name: string,
  onGate: WaitOptions['onGate'],
  { client, output }: Session,
  signal: AbortSignal,
): Promise<Run> {
  const params = { run_id: await findRun(client, name) }
  const isDone = ({ status }: Run) => isFinal(status) || (status === 'waiting' && onGate === 'exit')
  let run = await client.call(getRun, { params, signal })
  if (!isDone(run)) output.progress(`Waiting for the end of ${shortId(run.run_id)}, which is ${run.status}`)
  const onLost = () => output.progress('The connection was lost; asking again')
  const ask = () => client.call(getRun, { params, query: { wait: POLL_SECONDS }, signal })
  while (!isDone(run)) run = await patiently(ask, { signal, onLost })
  return run
}
