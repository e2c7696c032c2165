'use client'
import { useEffect, useRef, useState } from 'react'
import { call } from '#lib/client/call'
import { verifyRun } from '#lib/client/endpoints'
import type { Verification } from '#lib/contract/evidence'
import { messageOf } from '#lib/errors'

export type VerifyState =
  | { at: 'start' }
  | { at: 'checking'; since: number; isCheckout: boolean }
  | { at: 'done'; answer: Verification; isCheckout: boolean }
  | { at: 'failed'; reason: string }

export interface Verify {
  state: VerifyState
  start(isCheckout: boolean): void
  cancel(): void
}

/** The check of the run once more. Leaving the page, or cancelling, ends the check on the server as well. */
export function useVerify(runId: string): Verify {
  const [state, setState] = useState<VerifyState>({ at: 'start' })
  const running = useRef<AbortController>(null)
  useEffect(() => () => running.current?.abort(), [])

  async function start(isCheckout: boolean) {
    running.current?.abort()
    const stop = new AbortController()
    running.current = stop
    setState({ at: 'checking', since: Date.now(), isCheckout })
    try {
      const answer = await call(verifyRun, {
        params: { run_id: runId },
        body: isCheckout ? { checkout: true } : {},
        signal: stop.signal,
      })
      setState({ at: 'done', answer, isCheckout })
    } catch (error) {
      if (running.current === stop)
        setState(stop.signal.aborted ? { at: 'start' } : { at: 'failed', reason: messageOf(error) })
    }
  }

  return { state, start: isCheckout => void start(isCheckout), cancel: () => running.current?.abort() }
}
