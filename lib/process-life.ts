// How the server's process ends: told to, or by a fault that nobody could catch.
import type { FaultScopes } from './fault-scopes.ts'
import type { Log } from './log.ts'

const SAME_SIGNAL_MS = 300

export interface StopOnSignals {
  /** A stop waits for the start to be over: half a start cannot be undone in order. */
  started: Promise<unknown>
  /** Ends everything in order. */
  stop(): Promise<void>
  /** After this long it ends anyway. */
  withinMs: number
  log: Log
}

/** SIGTERM and SIGINT stop in order and end with 0; asked a second time, the process ends at once, with 1. */
export function stopOnSignals({ started, stop, withinMs, log }: StopOnSignals): { isStopping(): boolean } {
  let since: number | null = null
  const onSignal = async (signal: NodeJS.Signals) => {
    if (since !== null) {
      // npm passes on the Ctrl-C that the terminal has sent already: that is not a second wish.
      if (performance.now() - since > SAME_SIGNAL_MS) process.exit(1)
      return
    }
    since = performance.now()
    log('info', 'stopping', { signal })
    console.log('retrAI is stopping: what runs may come to its end; once more ends it at once')
    setTimeout(() => process.exit(1), withinMs).unref()
    await started
    await stop()
    process.exit(0)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return { isStopping: () => since !== null }
}

/** A fault ends the run or request in whose scope it happened; one in no scope ends the process. */
export function answerFaults({ scopes, log }: { scopes: FaultScopes; log: Log }): void {
  // A forgotten promise must not take the other runs down with it; the log says where to mend it.
  process.on('unhandledRejection', reason => {
    log('error', 'unhandled rejection', { error: stackOf(reason) })
    scopes.blame(reason)
  })
  process.on('uncaughtException', error => {
    log('error', 'uncaught exception', { error: stackOf(error) })
    // Nobody knows what is broken now. The journals are whole, so the next start goes on from them.
    if (!scopes.blame(error)) process.exit(1)
  })
}

const stackOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))
