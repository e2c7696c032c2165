// What scripts decide by. Part of the contract: a number keeps its meaning.
import type { Problem } from '#lib/contract/errors'
import type { FinalStatus } from '#lib/contract/runs'

export const EXIT = {
  achieved: 0,
  error: 1,
  /** The request was wrong and nothing was started. */
  usage: 2,
  notAchieved: 3,
  auth: 4,
  notFound: 5,
  conflict: 6,
  aborted: 7,
  /** Waiting on a person, with `--on-gate exit`. */
  waiting: 8,
  unreachable: 9,
  failed: 10,
  /** `--timeout` was reached; the run goes on. */
  timeout: 124,
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const OF_STATUS: Record<FinalStatus, ExitCode> = {
  achieved: EXIT.achieved,
  exhausted: EXIT.notAchieved,
  failed: EXIT.failed,
  aborted: EXIT.aborted,
}

export const exitCodeOfStatus = (status: FinalStatus): ExitCode => OF_STATUS[status]

export function exitCodeOfProblem({ status }: Pick<Problem, 'status'>): ExitCode {
  if (status === 401 || status === 403 || status === 421) return EXIT.auth
  if (status === 404) return EXIT.notFound
  if (status === 409 || status === 412) return EXIT.conflict
  if (status >= 400 && status < 500 && status !== 429) return EXIT.usage
  return EXIT.error
}
