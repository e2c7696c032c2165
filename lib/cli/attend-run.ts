// Staying with a run from a terminal or a script: what is shown of it, who answers its gates, and what Ctrl-C means.
import { shortId } from '#lib/client/format'
import type { RunEvent } from '#lib/contract/event'
import { decisionUnseen } from '#lib/contract/gate-policy'
import { resumeRun } from '#lib/contract/gates'
import { abortRun, getRun } from '#lib/contract/runs'
import { ask } from './ask.ts'
import type { ChildServer } from './child-server.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { createEventLines } from './event-lines.ts'
import { EXIT, type ExitCode, exitCodeOfStatus } from './exit-codes.ts'
import { promptAtGate, waitingLine } from './gate-prompt.ts'
import type { Output } from './output.ts'
import { patiently } from './patiently.ts'
import { createProgressView } from './progress-view.ts'
import { summaryLines } from './run-lines.ts'
import type { Session } from './session.ts'
import { type Gate, type WatchEnd, watchRun } from './watch-run.ts'

export const ON_GATE = ['prompt', 'wait', 'exit', 'approve', 'abort'] as const
export type OnGate = (typeof ON_GATE)[number]

/** Within this time a second Ctrl-C aborts the run. */
const AGAIN_MS = 2000
const TICK_MS = 1000

export interface AttendOptions {
  onGate?: OnGate
  /** Milliseconds. */
  timeout?: number
  /** Of what came before, only events after this seq are printed for people. */
  printAfter?: number
}

export interface Around {
  session: Session
  client: Client
  child: ChildServer | null
  /** Lets a server of our own live on, and says so. */
  leave(): Promise<void>
}

/** Follows the run to its end, or to whatever ends the following; the exit code says which. */
export async function attendRun(runId: string, options: AttendOptions, around: Around): Promise<ExitCode> {
  const end = await follow(runId, options, around)
  return conclude(end, runId, around)
}

async function follow(
  runId: string,
  options: AttendOptions,
  { session, client, child, leave }: Around,
): Promise<WatchEnd> {
  const { output, canAsk, place } = session
  const onGate = options.onGate ?? (canAsk ? 'prompt' : 'wait')

  async function atGate(gate: Gate, signal: AbortSignal) {
    if (onGate === 'prompt' && canAsk) return promptAtGate({ client, session, gate }, signal)
    if (onGate === 'approve' || onGate === 'abort') {
      const decision = decisionUnseen(onGate, gate.payload)
      if (decision !== onGate)
        output.notice(`${waitingLine(client, gate)}; --on-gate approves iterations only: ${decision}`)
      const body = { decision, gate_id: gate.payload.gate_id }
      await patiently(() => client.call(resumeRun, { params: { run_id: runId }, body }), { signal })
      return 'go on'
    }
    output.notice(waitingLine(client, gate))
    return onGate === 'exit' ? 'leave' : 'go on'
  }

  async function abort() {
    try {
      await client.call(abortRun, { params: { run_id: runId }, body: { reason: 'Ctrl-C in the terminal' } })
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== EXIT.conflict) throw error // it has just ended by itself
    }
    return 'end with the run' as const
  }

  async function atInterrupt(again: AbortSignal, isLast: boolean) {
    const short = shortId(runId)
    if (child) {
      if (!canAsk) {
        output.notice(
          'Aborting the run: its server was started for it and ends with this command (see --detach).',
        )
        return abort()
      }
      const question = '[a]bort the run  [k]eep it running in the background  [c]ontinue: '
      const reply = await ask({ ...place, question, signal: again, hold: output.hold })
      const choice = reply.kind === 'answer' ? reply.text.toLowerCase() : 'a'
      if (choice.startsWith('a')) return abort()
      if (!choice.startsWith('k')) return 'go on'
      await leave()
      output.notice(`Follow it again: retrai logs -f ${short}`)
      return 'leave'
    }
    output.notice(`The run goes on. Follow it again: retrai logs -f ${short} · end it: retrai abort ${short}`)
    // SIGTERM and a terminal that is gone come once.
    if (isLast) return 'leave'
    output.notice('Ctrl-C again within 2 s aborts it.')
    if (!(await isAbortedWithin(again, AGAIN_MS))) return 'leave'
    output.notice('Aborting the run.')
    return abort()
  }

  const view = createShow(output, options.printAfter)
  try {
    return await watchRun({
      client,
      runId,
      timeoutMs: options.timeout,
      serverEnded: child?.ended,
      show: view.show,
      onReconnect: () => output.progress('The connection was lost; connecting again'),
      atGate,
      atInterrupt,
    })
  } finally {
    view.stop()
  }
}

async function conclude(end: WatchEnd, runId: string, { session, client, leave }: Around): Promise<ExitCode> {
  const { output } = session
  switch (end.kind) {
    case 'ended':
      if (!output.isJson) {
        const run = await patiently(() => client.call(getRun, { params: { run_id: runId } }))
        for (const line of summaryLines(run, output.link(client.pageOf(runId)), output.paint))
          output.data(line)
        if (run.status === 'exhausted')
          output.progress(`Go on from there: retrai rerun ${shortId(runId)} --continue`)
      }
      return exitCodeOfStatus(end.status)
    case 'timeout':
      output.notice(
        `Not ended within --timeout; the run goes on. Follow it again: retrai logs -f ${shortId(runId)}`,
      )
      await leave()
      return EXIT.timeout
    case 'waiting':
      await leave()
      return EXIT.waiting
    case 'interrupted':
      return EXIT.interrupted
  }
}

/** Events as NDJSON on stdout, or as lines for people on stderr, with what goes on now below them. */
export function createShow(output: Output, printAfter = 0): { show(event: RunEvent): void; stop(): void } {
  if (output.isJson) return { show: event => output.json(event), stop() {} }
  const lines = createEventLines({ paint: output.paintProgress, width: output.progressWidth })
  const view = createProgressView()
  const tick = output.isLive ? setInterval(() => output.live(view.lines(Date.now())), TICK_MS) : undefined
  return {
    show(event) {
      const said = lines.linesOf(event)
      if (event.seq > printAfter) for (const line of said) output.progress(line)
      view.take(event, lines.current())
      output.live(view.lines(Date.now()))
    },
    stop() {
      clearInterval(tick)
      output.live([])
    },
  }
}

function isAbortedWithin(signal: AbortSignal, ms: number): Promise<boolean> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(true)
    const timer = setTimeout(resolve, ms, false)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
