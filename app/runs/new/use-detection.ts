import { useEffect, useState } from 'react'
import { call } from '#lib/client/call'
import { detectGoals } from '#lib/client/endpoints'
import type { GoalCandidate, ProjectSettings } from '#lib/contract/goals'
import { messageOf } from '#lib/errors'

export type Detection =
  | { state: 'looking' }
  | { state: 'found'; cwd: string; git: boolean; candidates: GoalCandidate[]; config: ProjectSettings | null }
  | { state: 'failed'; reason: string }

/** What the server sees in the directory, asked again when it changes and the typing rests. */
export function useDetection(cwd: string): Detection {
  const [detection, setDetection] = useState<Detection>({ state: 'looking' })
  useEffect(() => {
    const stop = new AbortController()
    setDetection({ state: 'looking' })
    const timer = setTimeout(() => {
      call(detectGoals, { body: { cwd: cwd.trim() || undefined }, signal: stop.signal }).then(
        found => setDetection({ state: 'found', ...found }),
        error => {
          if (!stop.signal.aborted) setDetection({ state: 'failed', reason: messageOf(error) })
        },
      )
    }, 350)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [cwd])
  return detection
}
