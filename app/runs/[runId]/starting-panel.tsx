'use client'
import clsx from 'clsx'
import { CircleAlert, CircleCheck, CircleDashed, CircleDotDashed, TriangleAlert } from 'lucide-react'
import type { RunView } from '#lib/contract/run-view'
import type { Run } from '#lib/contract/runs'
import { visible } from '../../_ui/visible-text.ts'
import { type StartingStep, startingSteps } from './starting-steps.ts'

const LOOKS: Record<StartingStep['state'], { Icon: typeof CircleCheck; tone: string; word: string }> = {
  done: { Icon: CircleCheck, tone: 'text-ok', word: 'ready' },
  going: { Icon: CircleDotDashed, tone: 'text-info', word: 'under way' },
  waiting: { Icon: CircleDashed, tone: 'text-muted', word: 'not yet' },
  warn: { Icon: TriangleAlert, tone: 'text-warn', word: 'look at this' },
  failed: { Icon: CircleAlert, tone: 'text-err', word: 'failed' },
}

/** Until the model has answered: what has to be right, and what is not. */
export function StartingPanel({ view, run }: { view: RunView; run: Run }) {
  const steps = startingSteps(view, run)
  if (!steps) return null
  return (
    <ul aria-label="Before the run works" className="shrink-0 border-b bg-panel px-3 py-2">
      {steps.map(({ name, state, says }) => {
        const { Icon, tone, word } = LOOKS[state]
        return (
          <li key={name} className="flex min-w-0 items-start gap-2">
            <Icon aria-hidden className={clsx('mt-[3px] size-3.5 shrink-0', tone)} />
            <span className="sr-only">{word}: </span>
            <span className="w-24 shrink-0">{name}</span>
            <span
              className={clsx(
                'min-w-0',
                state === 'failed' ? 'text-err' : 'text-muted',
                state !== 'failed' && state !== 'warn' && 'truncate',
              )}
            >
              {visible(says.slice(0, 1000))}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
