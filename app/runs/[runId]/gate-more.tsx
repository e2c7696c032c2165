'use client'
import { CheckCheck, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../_ui/button.tsx'
import { Select } from '../../_ui/field.tsx'

const CHOICES = ['1', '2', '3', '5', '10', 'rest'] as const

/** What can be said at a gate after an iteration besides yes and no. */
export function GateMore({
  onApproveNext,
  onUndo,
  isPending,
  canUndo,
  blocked,
}: {
  onApproveNext(next: number | 'rest'): void
  onUndo(): void
  isPending: boolean
  /** There are snapshots. */
  canUndo: boolean
  blocked: string | null
}) {
  const [next, setNext] = useState<string>('3')
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <Button
        icon={<CheckCheck aria-hidden className="size-3.5" />}
        onClick={() => onApproveNext(next === 'rest' ? 'rest' : Number(next))}
        aria-disabled={isPending}
        blocked={blocked}
      >
        Approve, don’t ask for
      </Button>
      <Select
        aria-label="How many iterations more it does not ask for"
        value={next}
        onChange={event => setNext(event.currentTarget.value)}
      >
        {CHOICES.map(choice => (
          <option key={choice} value={choice}>
            {choice === 'rest'
              ? 'the rest of the run'
              : choice === '1'
                ? 'the next iteration'
                : `the next ${choice} iterations`}
          </option>
        ))}
      </Select>
      {canUndo && (
        <Button
          icon={<Undo2 aria-hidden className="size-3.5" />}
          onClick={onUndo}
          aria-disabled={isPending}
          blocked={blocked}
          className="sm:ml-auto"
        >
          Undo this iteration
        </Button>
      )}
    </div>
  )
}
