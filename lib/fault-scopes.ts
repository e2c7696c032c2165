// Whose fault it was: what a run or a request starts may throw in a timer or a callback, where nobody can catch it. Then that
// run or request fails, and not the server with everything else.
import { AsyncLocalStorage } from 'node:async_hooks'

export interface FaultScopes {
  /** Whatever `work` starts, however late, belongs to this scope. */
  run<T>(onFault: (error: unknown) => void, work: () => T): T
  /** Tells the scope in which the error was thrown; false when it was thrown in none. Call from the process's own handlers. */
  blame(error: unknown): boolean
}

export function createFaultScopes(): FaultScopes {
  const scopes = new AsyncLocalStorage<(error: unknown) => void>()
  return {
    run: (onFault, work) => scopes.run(onFault, work),
    blame(error) {
      const onFault = scopes.getStore()
      onFault?.(error)
      return onFault !== undefined
    },
  }
}
