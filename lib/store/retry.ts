// Another program holds the database's lock: wait without blocking the thread, and try again.
import { setTimeout as sleep } from 'node:timers/promises'
import { failureOf } from './failures.ts'

const FIRST_WAIT_MS = 5
const LONGEST_WAIT_MS = 200

/**
 * Repeats work that fails because the database is locked, until `limitMs` have passed; then rejects with the last such error.
 * What failed must have left nothing half done.
 */
export async function retryWhileBusy<T>(work: () => Promise<T> | T, limitMs: number): Promise<T> {
  const deadline = performance.now() + limitMs
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await work()
    } catch (error) {
      if (failureOf(error) !== 'busy' || performance.now() + wait > deadline) throw error
      await sleep(wait * (0.5 + Math.random() / 2))
    }
  }
}
