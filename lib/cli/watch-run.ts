// Follows a run until something ends the watching: its end, a timeout, Ctrl-C, or a gate nobody here may answer.
import type { EventOf, RunEvent } from '#lib/contract/event'
import { type FinalStatus, getRun, isFinal } from '#lib/contract/runs'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { followRun } from './follow-run.ts'
import { onInterrupt } from './interrupt.ts'
import { patiently } from './patiently.ts'

export type WatchEnd =
  | { kind: 'ended'; status: FinalStatus }
  | { kind: 'timeout' }
  | { kind: 'interrupted' }
  | { kind: 'waiting' }

export type Gate = EventOf<'human_check_required'>

export interface WatchOptions {
  client: Client
  runId: string
  after?: number
  timeoutMs?: number | undefined
  /** Aborts when the run's server, a child of ours, has ended unasked. */
  serverEnded?: AbortSignal | undefined
  show(event: RunEvent): void
  onReconnect?(): void
  /** An open gate. The signal takes the question back when the gate was answered elsewhere. */
  atGate?(gate: Gate, signal: AbortSignal): Promise<'go on' | 'leave' | 'interrupt'>
  /**
   * Ctrl-C: `leave` ends the watching at once, `end with the run` when it has ended. Not called again while it is busy: `again`
   * aborts instead. `isLast`: a signal that comes once, such as SIGTERM.
   */
  atInterrupt?(again: AbortSignal, isLast: boolean): Promise<'leave' | 'end with the run' | 'go on'>
}

export async function watchRun(options: WatchOptions): Promise<WatchEnd> {
  const { client, runId, serverEnded } = options
  const stop = new AbortController()
  const leave = (end: WatchEnd) => stop.abort(end)
  // Whatever goes wrong at the side ends the loop in the middle.
  const fail = (error: unknown) => stop.abort(error)
  const timer =
    options.timeoutMs === undefined ? undefined : setTimeout(leave, options.timeoutMs, { kind: 'timeout' })

  let wasInterrupted = false
  let pressedAgain: AbortController | null = null
  async function interrupt(isLast = false) {
    if (pressedAgain) return pressedAgain.abort()
    pressedAgain = new AbortController()
    const answer = (await options.atInterrupt?.(pressedAgain.signal, isLast)) ?? 'leave'
    pressedAgain = null
    if (answer === 'leave') leave({ kind: 'interrupted' })
    else if (answer === 'end with the run') wasInterrupted = true
  }
  const stopListening = onInterrupt(signal => void interrupt(signal !== 'SIGINT').catch(fail))

  let question: AbortController | null = null
  async function askAt(gate: Gate, signal: AbortSignal) {
    const { gate: open } = await patiently(() => client.call(getRun, { params: { run_id: runId } }), {
      signal,
    })
    if (open?.gate_id !== gate.payload.gate_id || signal.aborted) return // history
    const answer = await options.atGate?.(gate, signal)
    if (answer === 'leave') leave({ kind: 'waiting' })
    if (answer === 'interrupt') await interrupt()
  }

  let status: FinalStatus | null = null
  try {
    const signals = [stop.signal, ...(serverEnded ? [serverEnded] : [])]
    for await (const event of followRun({ ...options, signal: AbortSignal.any(signals) })) {
      options.show(event)
      if (event.kind === 'human_check_required' && options.atGate) {
        question = new AbortController()
        const { signal } = question
        askAt(event, signal).catch(error => {
          if (!signal.aborted) fail(error) // a question that is settled elsewhere has nothing to say any more
        })
      }
      if (event.kind === 'human_check_response' || event.kind === 'run_end') question?.abort()
      if (event.kind === 'run_end') status = event.payload.status
    }
  } catch (error) {
    if (!isWatchEnd(error)) throw error
    return error
  } finally {
    question?.abort()
    clearTimeout(timer)
    stopListening()
  }
  if (wasInterrupted) return { kind: 'interrupted' }
  return { kind: 'ended', status: status ?? (await finalStatus(client, runId)) }
}

const isWatchEnd = (value: unknown): value is WatchEnd =>
  typeof value === 'object' && value !== null && 'kind' in value && !(value instanceof Error)

/** For a run whose last event was already known. */
async function finalStatus(client: Client, runId: string): Promise<FinalStatus> {
  const { status } = await patiently(() => client.call(getRun, { params: { run_id: runId } }))
  if (isFinal(status)) return status
  throw new CliError(EXIT.error, `The server ended the stream of ${runId}, which is still ${status}`)
}
