'use client'
import clsx from 'clsx'
import { CircleCheck, CircleMinus, CircleX } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { Button } from '../../_ui/button.tsx'
import { Input } from '../../_ui/field.tsx'
import { FileName, VisibleText } from '../../_ui/visible-code.tsx'
import { placeOf } from './_events/test-sets.tsx'
import { CASE_STATES, type CaseState, countStates, filterCases, type TestCase } from './filter-cases.ts'

const STATE = {
  failed: { Icon: CircleX, tone: 'text-err' },
  passed: { Icon: CircleCheck, tone: 'text-ok' },
  skipped: { Icon: CircleMinus, tone: 'text-muted' },
} as const

/** Shown at once, and more on request: a suite may have tens of thousands. */
const PAGE = 200

/** Every case of a check, by state and by text. */
export function CaseList({ cases, total }: { cases: TestCase[]; total: number }) {
  const [states, setStates] = useState<CaseState[]>([])
  const [typed, setTyped] = useState('')
  const [most, setMost] = useState(PAGE)
  const words = useDeferredValue(typed)
  const counts = useMemo(() => countStates(cases), [cases])
  const found = useMemo(() => filterCases(cases, { states, words }), [cases, states, words])
  const toggle = (state: CaseState) => {
    setMost(PAGE)
    setStates(states.includes(state) ? states.filter(other => other !== state) : [...states, state])
  }
  return (
    <div className="min-w-0">
      <div className="mb-2 flex flex-wrap items-center gap-1.5">
        <Input
          type="search"
          aria-label="Find in the tests"
          placeholder="Find in names and messages"
          value={typed}
          spellCheck={false}
          onChange={event => {
            setTyped(event.currentTarget.value)
            setMost(PAGE)
          }}
          className="max-w-72 flex-1"
        />
        {CASE_STATES.filter(state => counts[state] > 0).map(state => (
          <Button
            key={state}
            kind={states.includes(state) ? 'plain' : 'quiet'}
            aria-pressed={states.includes(state)}
            onClick={() => toggle(state)}
            className={clsx(states.includes(state) && 'bg-raised!')}
          >
            {state} {counts[state]}
          </Button>
        ))}
        <span role="status" className="text-xs text-muted">
          {found.length === cases.length ? '' : `${found.length} found`}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section tabIndex={0} aria-label="Cases" className="max-h-96 overflow-auto rounded-md border">
        <ul className="divide-y divide-line">
          {found.slice(0, most).map((one, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a runner may give two tests one name
            <li key={i} className="px-3 py-1">
              <Case one={one} />
            </li>
          ))}
          {found.length === 0 && <li className="px-3 py-2 text-muted">No test is like that.</li>}
        </ul>
        {found.length > most && (
          <Button kind="quiet" className="m-1" onClick={() => setMost(most + 5 * PAGE)}>
            {most} of {found.length} shown — more
          </Button>
        )}
      </section>
      {total > cases.length && (
        <p className="mt-1 text-xs text-muted">
          Of {total} tests the names of {cases.length} are kept.
        </p>
      )}
    </div>
  )
}

function Case({ one }: { one: TestCase }) {
  const { Icon, tone } = STATE[one.state]
  const place = placeOf(one)
  return (
    <div className="flex min-w-0 items-start gap-2">
      <Icon aria-hidden className={clsx('mt-0.5 size-3.5 shrink-0', tone)} />
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 flex-wrap gap-x-2 font-mono text-mono">
          <span className="sr-only">{one.state}: </span>
          <bdi className="min-w-0">
            <VisibleText text={one.name.slice(0, 500)} />
          </bdi>
          {place !== null && !one.name.startsWith(place) && <FileName path={place} className="text-muted" />}
        </p>
        {one.message && (
          <details>
            <summary className="text-xs text-muted coarse:py-3">
              <span className="line-clamp-1 inline">
                <VisibleText text={one.message.trim().split('\n')[0]!.slice(0, 200)} />
              </span>
            </summary>
            <pre className="overflow-x-auto whitespace-pre-wrap text-muted">
              <VisibleText text={one.message.slice(0, 8000)} />
            </pre>
          </details>
        )}
      </div>
    </div>
  )
}
