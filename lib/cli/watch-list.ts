// A list of runs that stays: drawn over in a terminal, a line for each change elsewhere.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunSummary } from '#lib/contract/runs'
import type { Style } from './colour.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { onInterrupt } from './interrupt.ts'
import type { Output } from './output.ts'
import type { LiveLine } from './panel.ts'
import { patiently } from './patiently.ts'
import { runTable } from './run-table.ts'
import type { Session } from './session.ts'

const EVERY_MS = 1000

const STYLES: Partial<Record<RunSummary['status'], Style>> = {
  queued: 'dim',
  waiting: 'yellow',
  paused: 'yellow',
}

/** Until Ctrl-C. */
export async function watchList(
  { output }: Pick<Session, 'output'>,
  read: (signal: AbortSignal) => Promise<RunSummary[]>,
  everyMs = EVERY_MS,
): Promise<ExitCode> {
  const stop = new AbortController()
  const { signal } = stop
  const stopListening = onInterrupt(() => stop.abort())
  const known = new Map<string, string>()
  let runs: RunSummary[] = []
  const onLost = () => output.progress('The server does not answer; asking again')
  try {
    while (!signal.aborted) {
      runs = await patiently(() => read(signal), { signal, onLost })
      if (output.isLive) output.live(panelOf(runs, output))
      else for (const run of changed(runs, known)) print(run, output)
      await sleep(everyMs, undefined, { signal })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    stopListening()
    output.live([])
  }
  // What was looked at last stays on the screen.
  if (output.isLive) for (const line of runTable(runs, output)) output.data(line)
  return EXIT.interrupted
}

function panelOf(runs: RunSummary[], { progressWidth }: Output): LiveLine[] {
  if (runs.length === 0) return [{ text: 'No run is at work. Ctrl-C ends this.', style: 'dim' }]
  const [header = '', ...rows] = runTable(runs, { width: progressWidth ?? 80 })
  const lines = rows.map((text, at): LiveLine => {
    const style = STYLES[runs[at]?.status ?? 'running']
    return { text, ...(style && { style }) }
  })
  return [{ text: header, style: 'dim' }, ...lines]
}

function print(run: RunSummary, output: Output): void {
  if (output.isJson) output.json(run)
  else for (const line of runTable([run], { width: null })) output.data(line)
}

function changed(runs: RunSummary[], known: Map<string, string>): RunSummary[] {
  return runs.filter(run => {
    const now = JSON.stringify(run)
    const isNew = known.get(run.run_id) !== now
    known.set(run.run_id, now)
    return isNew
  })
}
