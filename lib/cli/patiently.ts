// For commands that stay with a run: a server that is restarted does not end them.
import { setTimeout as sleep } from 'node:timers/promises'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'

/** How long a server may be out of reach before a follower gives up. */
export const PATIENCE_MS = 60_000
const LONGEST_WAIT_MS = 5000

export interface PatienceOptions {
  signal?: AbortSignal | undefined
  patienceMs?: number | undefined
  /** The server is out of reach; said once. */
  onLost?: (() => void) | undefined
}

/**
 * Asks again while nobody answers. Only for what may be asked twice. Rejects with the signal's reason, with what the server
 * refused, or, when the patience is over, with why it cannot be reached.
 */
export async function patiently<T>(
  ask: () => Promise<T>,
  { signal, patienceMs = PATIENCE_MS, onLost }: PatienceOptions = {},
): Promise<T> {
  let lostAt: number | null = null
  let waitMs = 100
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      signal?.throwIfAborted()
      if (!isUnreachable(error)) throw error
      // From now on: the question may have been open for long before the server went.
      if (lostAt === null) onLost?.()
      const now = performance.now()
      lostAt ??= now
      if (now - lostAt > patienceMs) throw error
    }
    await sleep(waitMs, undefined, { signal }).catch(() => {})
    signal?.throwIfAborted()
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
  }
}

export const isUnreachable = (error: unknown) =>
  error instanceof CliError && error.exitCode === EXIT.unreachable
