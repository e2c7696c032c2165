import { useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { abortRun } from '#lib/client/endpoints'
import { count, shortId } from '#lib/client/format'
import type { RunSummary } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'

/** Aborting a run waits for its commands to be gone: a few at a time, not one after the other. */
const AT_ONCE = 5

/** Aborts runs; the rows follow by themselves, as for any change. */
export function useBulkAbort() {
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  async function abortAll(runs: RunSummary[]) {
    setPending(true)
    setProblem(null)
    const failed: string[] = []
    const left = [...runs]
    const worker = async () => {
      for (let run = left.shift(); run; run = left.shift()) {
        try {
          await call(abortRun, { params: { run_id: run.run_id }, body: {} })
        } catch (error) {
          // It ended by itself meanwhile: that is what was asked for.
          const hasEnded = error instanceof ProblemError && error.problem.code === 'run_not_active'
          if (!hasEnded) failed.push(`${shortId(run.run_id)}: ${messageOf(error)}`)
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    setPending(false)
    if (failed.length > 0)
      setProblem(`${count(failed.length, 'run')} could not be aborted. ${failed.slice(0, 3).join('; ')}`)
  }

  return { isPending, problem, abortAll }
}
