'use client'
import { Play } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useRef, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { rerunRun } from '#lib/client/endpoints'
import { newKey } from '#lib/client/new-run'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { Field, Input } from '../../_ui/field.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { LimitError, numberOf } from './limit-changes.ts'

const FIELDS = [
  { name: 'max_iterations', label: 'Iterations' },
  { name: 'max_cost_usd', label: 'Cost, $' },
  { name: 'max_minutes', label: 'Minutes' },
  { name: 'max_tokens', label: 'Tokens' },
] as const

/** Of iterations there is always a limit; an empty one is that of before. Another budget that is emptied is none. Throws LimitError. */
function budgetsOf(values: Record<string, string>): Record<string, number | null> {
  const budgets: Record<string, number | null> = {}
  for (const { name } of FIELDS) {
    const typed = (values[name] ?? '').trim()
    if (typed !== '') budgets[name] = numberOf(name, typed)
    else if (name !== 'max_iterations') budgets[name] = null
  }
  return budgets
}

/** A budget is spent and the goal not met: more of it, from where it stopped. That is a run of its own; this one has ended. */
export function ExtendRun({ run }: { run: Run }) {
  const router = useRouter()
  const cutOff = useCutOff()
  const [isOpen, setOpen] = useState(false)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const sent = useRef<{ text: string; key: string } | null>(null)
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(FIELDS.map(({ name }) => [name, run[name] === null ? '' : String(run[name])])),
  )

  const errorAt = (name: string): string | null => {
    if (error instanceof LimitError) return error.field === name ? error.message : null
    return error instanceof ProblemError ? (error.field(`/${name}`) ?? null) : null
  }

  async function goOn() {
    setPending(true)
    setError(null)
    try {
      const budgets = budgetsOf(values)
      const text = JSON.stringify(budgets)
      // The same is sent under the same key: after a broken connection, trying again cannot start a second run.
      if (sent.current?.text !== text) sent.current = { text, key: newKey() }
      const started = await call(rerunRun, {
        params: { run_id: run.run_id },
        body: { continue: true, ...budgets },
        headers: { 'idempotency-key': sent.current.key },
      })
      router.push(`/runs/${started.run_id}`)
      return // still busy: the page is about to change
    } catch (cause) {
      setError(cause)
    }
    setPending(false)
  }

  return (
    <section aria-label="Extend" className="shrink-0 border-b bg-panel px-3 py-1.5 sm:px-4">
      {isOpen ? (
        <form
          noValidate
          className="grid gap-2"
          onSubmit={event => {
            event.preventDefault()
            if (!isPending) void goOn()
          }}
        >
          <p>
            A new run goes on in the directory as it is now, with these budgets of its own. It is told what
            this one tried, and is held against the same tests.
          </p>
          <div className="flex flex-wrap items-start gap-3">
            {FIELDS.map(({ name, label }) => (
              <Field key={name} label={label} className="w-24" error={errorAt(name)}>
                {ids => (
                  <Input
                    {...ids}
                    inputMode="decimal"
                    placeholder={name === 'max_iterations' ? String(run.max_iterations) : 'no limit'}
                    value={values[name]}
                    onChange={event => setValues({ ...values, [name]: event.currentTarget.value })}
                  />
                )}
              </Field>
            ))}
          </div>
          <div className="flex flex-wrap items-center gap-3">
            <Button type="submit" kind="primary" disabled={isPending} blocked={cutOff}>
              {isPending ? 'Starting…' : 'Go on'}
            </Button>
            <Button onClick={() => setOpen(false)} disabled={isPending}>
              Cancel
            </Button>
            {error !== null && !FIELDS.some(({ name }) => errorAt(name) !== null) && (
              <span role="alert" className="text-err">
                {messageOf(error)}
              </span>
            )}
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span>Its budget is spent; what it changed is in the directory.</span>
          <Button icon={<Play aria-hidden className="size-3.5" />} onClick={() => setOpen(true)}>
            Extend
          </Button>
        </div>
      )}
    </section>
  )
}
