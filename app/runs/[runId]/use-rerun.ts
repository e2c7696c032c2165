'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { call } from '#lib/client/call'
import { rerunRun } from '#lib/client/endpoints'
import { messageOf } from '#lib/errors'

/** Starts the run again, as it was resolved, and goes to the new one's page. */
export function useRerun(runId: string): {
  isPending: boolean
  problem: string | null
  rerun(): Promise<void>
} {
  const router = useRouter()
  const [isPending, setPending] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  async function rerun() {
    if (isPending) return
    setPending(true)
    setProblem(null)
    try {
      const started = await call(rerunRun, { params: { run_id: runId }, body: {} })
      router.push(`/runs/${started.run_id}`)
    } catch (cause) {
      setProblem(messageOf(cause))
    }
    setPending(false)
  }
  return { isPending, problem, rerun }
}
