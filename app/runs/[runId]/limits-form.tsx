'use client'
import { useEffect, useRef, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { configureRun } from '#lib/client/endpoints'
import type { GateMode } from '#lib/contract/gate-policy'
import type { Run } from '#lib/contract/runs'
import { messageOf } from '#lib/errors'
import { Button } from '../../_ui/button.tsx'
import { Field, Input, Select } from '../../_ui/field.tsx'
import { Panel } from '../../_ui/panel.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { changesOf, FIELDS, type LimitEdits, LimitError, textOf } from './limit-changes.ts'

/** Limits, model and gate of a live run; they hold from its next step on. */
export function LimitsForm({ run, startsFocused }: { run: Run; startsFocused: boolean }) {
  const [edits, setEdits] = useState<LimitEdits>({})
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const [isSaved, setSaved] = useState(false)
  const cutOff = useCutOff()
  const first = useRef<HTMLFormElement>(null)
  const isChanged = FIELDS.some(({ name }) => (edits[name] ?? textOf(run, name)).trim() !== textOf(run, name))
  const gates = edits.gates ?? run.gate_policy.mode
  const hasChanges = isChanged || gates !== run.gate_policy.mode
  useEffect(() => {
    if (startsFocused) first.current?.querySelector('input')?.focus()
  }, [startsFocused])

  function edit(change: LimitEdits) {
    setSaved(false)
    setError(null)
    setEdits({ ...edits, ...change })
  }

  async function save() {
    if (isPending || cutOff || !hasChanges) return
    setError(null)
    setPending(true)
    try {
      const body = changesOf(run, edits)
      await call(configureRun, { params: { run_id: run.run_id }, body })
      setSaved(true)
      // What was saved is the run's from here on; what was typed meanwhile stays.
      setEdits(now => (now === edits ? {} : now))
    } catch (cause) {
      setError(cause)
    }
    setPending(false)
  }

  const errorAt = (name: string): string | null => {
    if (error instanceof LimitError) return error.field === name ? error.message : null
    return error instanceof ProblemError ? (error.field(`/${name}`) ?? null) : null
  }
  const isAtField = FIELDS.some(({ name }) => errorAt(name) !== null)

  return (
    <Panel title="Limits, from the next step on">
      <form
        ref={first}
        noValidate
        className="grid gap-3 p-3"
        onSubmit={event => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="grid grid-cols-2 gap-3 @xl:grid-cols-4">
          {FIELDS.map(({ name, label, empty }) => (
            <Field
              key={name}
              label={label}
              error={errorAt(name)}
              className={name === 'model_name' ? 'col-span-full' : undefined}
            >
              {ids => (
                <Input
                  {...ids}
                  inputMode={name === 'model_name' ? 'text' : 'decimal'}
                  placeholder={empty}
                  value={edits[name] ?? textOf(run, name)}
                  onChange={event => edit({ [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        <Field label="Human gate" hint={gates === 'off' ? null : waitWords(run)}>
          {ids => (
            <Select
              {...ids}
              className="w-full"
              value={gates}
              onChange={event => edit({ gates: event.currentTarget.value as GateMode })} // one of the three below
            >
              <option value="off">Off: it goes on by itself</option>
              <option value="each">After each iteration</option>
              <option value="flags">Only when there is something to look at (⚠)</option>
            </Select>
          )}
        </Field>
        {error !== null && !isAtField && (
          <p role="alert" className="text-err">
            {messageOf(error)}
          </p>
        )}
        <div className="flex flex-wrap items-center gap-3">
          <Button
            type="submit"
            kind="primary"
            disabled={isPending}
            blocked={cutOff ?? (hasChanges ? null : 'Nothing is changed')}
          >
            {isPending ? 'Saving…' : 'Save limits'}
          </Button>
          <span role="status" className="text-ok">
            {isSaved ? 'Saved: it holds from the next step on.' : ''}
          </span>
        </div>
      </form>
    </Panel>
  )
}

const waitWords = ({ gate_policy: { timeout_minutes: minutes, on_timeout: then } }: Run) =>
  minutes ? `When nobody decides within ${minutes} minutes: ${then}` : 'It waits until a person decides'
