'use client'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { call } from '#lib/client/call'
import { rerunRun } from '#lib/client/endpoints'
import { newKey } from '#lib/client/new-run'
import { messageOf } from '#lib/errors'

/** Starts the run again, as it was resolved, and goes to the new one's page. */
export function useRerun(runId: string): {
  isPending: boolean
  problem: string | null
  rerun(): Promise<void>
} {
  const router = useRouter()
  const [isPending, setPending] = useState(false)
  const key = useRef<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  async function rerun() {
    if (isPending) return
    setPending(true)
    setProblem(null)
    try {
      // Under one key: after a broken connection, trying again cannot start a second run.
      key.current ??= newKey()
      const headers = { 'idempotency-key': key.current }
      const started = await call(rerunRun, { params: { run_id: runId }, body: {}, headers })
      key.current = null
      router.push(`/runs/${started.run_id}`)
      return // still busy: the page is about to change
    } catch (cause) {
      setProblem(messageOf(cause))
    }
    setPending(false)
  }
  return { isPending, problem, rerun }
}
