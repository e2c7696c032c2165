'use client'
import { useEffect, useRef, useState } from 'react'
import { STATUS_WORD } from '#lib/client/status'
import type { RunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { gateWords } from './gate-words.ts'
import { checkWords, OUTCOME_WORDS } from './row-words.ts'

/** At most one sentence in this time; what was said meanwhile is older than what there is to say. */
const PAUSE_MS = 5000

/**
 * For those who hear the page: one sentence per iteration and one for the end, politely; a gate at once. The stream itself
 * is not live, it would never stop talking.
 */
export function Announcer({ view, run }: { view: RunView; run: Run }) {
  const polite = usePaced(politeSentence(view, run))
  const asked = view.gate?.payload
  const gate = asked ? gateWords(asked).spoken : ''
  const [urgent, setUrgent] = useState('')
  useEffect(() => setUrgent(gate), [gate])
  return (
    <>
      <div role="status" aria-live="polite" className="sr-only">
        {polite}
      </div>
      <div role="alert" aria-live="assertive" className="sr-only">
        {urgent}
      </div>
    </>
  )
}

function politeSentence(view: RunView, run: Run): string {
  if (run.ended_at !== null) {
    return `Run ${STATUS_WORD[run.status]}. ${run.outcome ? OUTCOME_WORDS[run.outcome] : ''}.`
  }
  if (run.status === 'paused') return `Run paused. ${run.reason ?? ''}`
  const decision = view.lastDecision
  const done = view.iterations.findLast(facts => facts.endedAt !== null)
  if (decision && decision.ts >= (done?.endedAt ?? 0)) {
    const verb = { approve: 'approved', deny: 'denied', undo: 'answered with undo', abort: 'aborted' }[
      decision.payload.decision
    ]
    return `The gate was ${verb} by ${decision.payload.decided_by}.`
  }
  return done ? `Iteration ${done.iteration} done, ${checkWords(done) ?? 'not checked'}.` : ''
}

/** The newest sentence, no more often than people can listen. Nothing for what was so when the page opened. */
function usePaced(sentence: string): string {
  const [said, setSaid] = useState('')
  const first = useRef(sentence)
  const lastAt = useRef(0)
  useEffect(() => {
    if (sentence === first.current) return
    first.current = ''
    const wait = Math.max(0, lastAt.current + PAUSE_MS - Date.now())
    const timer = setTimeout(() => {
      lastAt.current = Date.now()
      setSaid(sentence)
    }, wait)
    return () => clearTimeout(timer)
  }, [sentence])
  return said
}
