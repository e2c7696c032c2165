import { useEffect, useState } from 'react'
import type { NewRunForm } from '#lib/client/new-run'
import { Field, Input, Select, Textarea } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'

const ADVANCED = [
  '/instructions',
  '/protect',
  '/confirm',
  '/no_progress_iterations',
  '/check_timeout_seconds',
  '/priority',
  '/network',
  '/success_condition',
]

/** Fields that hold what is typed. */
type TextField = {
  [K in keyof NewRunForm]-?: NewRunForm[K] extends string ? K : never
}[keyof NewRunForm]

/** Whether a JSON pointer is of a field in here. */
export const isAdvanced = (pointer: string) => ADVANCED.some(start => pointer.startsWith(start))

/** The first of what is wrong with entries of a list. */
const errorBelow = (errors: FormProps['errors'], start: string) =>
  Object.entries(errors).find(([pointer]) => pointer.startsWith(start))?.[1]

/** What most runs leave as it is. Opens by itself when something in it is wrong. */
export function AdvancedFields({ form, set, errors, open: mustOpen }: FormProps & { open: boolean }) {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (mustOpen) setOpen(true)
  }, [mustOpen])
  const line = (name: TextField, pointer: string, label: string, placeholder: string, numeric = false) => (
    <Field label={label} error={errors[pointer]}>
      {ids => (
        <Input
          {...ids}
          value={form[name]}
          placeholder={placeholder}
          inputMode={numeric ? 'decimal' : undefined}
          spellCheck={false}
          onChange={event => set({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  )
  return (
    <details
      open={open}
      onToggle={event => setOpen(event.currentTarget.open)}
      className="rounded-lg border open:pb-4 [&>:not(summary)]:px-4"
    >
      <summary className="rounded-lg px-4 py-2.5 font-medium hover:bg-panel">
        Advanced{' '}
        <span className="font-normal text-muted">
          instructions, protected tests, network, success condition, priority
        </span>
      </summary>
      <div className="space-y-4 pt-2">
        <Field
          label="Instructions to the agent"
          error={errors['/instructions']}
          hint="Added to its first message: conventions, what not to touch, where to look first"
        >
          {ids => (
            <Textarea
              {...ids}
              rows={4}
              maxLength={65_536}
              value={form.instructions}
              onChange={event => set({ instructions: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field
          label="Tests"
          error={errors['/protect']}
          hint="Green must mean verified: by default the check runs with the tests as they were at the start"
        >
          {ids => (
            <Select
              {...ids}
              className="w-full"
              value={form.protect}
              onChange={event => set({ protect: event.currentTarget.value })}
            >
              <option value="enforce">Protected: checked as they were at the start</option>
              <option value="report">Reported: changes to them are flagged</option>
              <option value="off">Not watched</option>
              <option value="patterns">Protected by patterns of my own</option>
            </Select>
          )}
        </Field>
        {form.protect === 'patterns' && (
          <Field
            label="Patterns of protected files"
            hint="One to a line: tests/**, conftest.py. A line that begins with ! allows changes; such lines alone keep the rest protected."
          >
            {ids => (
              <Textarea
                {...ids}
                rows={3}
                spellCheck={false}
                value={form.protect_patterns}
                placeholder={'tests/**\n!tests/snapshots/**'}
                className="font-mono text-mono"
                onChange={event => set({ protect_patterns: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
        <Field
          label="Network"
          error={form.network === 'hosts' ? undefined : errors['/network']}
          hint="Of the agent’s commands and of checks, in the sandbox"
        >
          {ids => (
            <Select
              {...ids}
              className="w-full"
              value={form.network}
              onChange={event => set({ network: event.currentTarget.value })}
            >
              <option value="off">Off</option>
              <option value="hosts">Only these hosts</option>
              <option value="on">On</option>
            </Select>
          )}
        </Field>
        {form.network === 'hosts' && (
          <Field
            label="Hosts"
            error={errors['/network'] ?? errorBelow(errors, '/network/')}
            hint="With commas between; *.example.org is whatever lies below it; ports 443 and 80, unless one is named"
          >
            {ids => (
              <Textarea
                {...ids}
                rows={2}
                spellCheck={false}
                value={form.network_hosts}
                placeholder="packages.example.com, *.example.org, example.org:8443"
                className="font-mono text-mono"
                onChange={event => set({ network_hosts: event.currentTarget.value })}
              />
            )}
          </Field>
        )}
        <div className="grid items-start gap-3 @2xl:grid-cols-2">
          <Field
            label="Run a green check again, times"
            error={errors['/confirm']}
            hint="0 to 10: one that flips is flaky, and does not count"
          >
            {ids => (
              <Input
                {...ids}
                value={form.confirm}
                placeholder="0"
                inputMode="numeric"
                onChange={event => set({ confirm: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field
            label="Attempts without progress"
            error={errors['/no_progress_iterations']}
            hint="After so many with the same failures the agent is asked to reflect once, then the run ends; 0: never"
          >
            {ids => (
              <Input
                {...ids}
                value={form.no_progress_iterations}
                placeholder="3"
                inputMode="numeric"
                onChange={event => set({ no_progress_iterations: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
        <fieldset>
          <legend className="mb-2 font-medium">
            Success condition{' '}
            <span className="font-normal text-muted">
              all that is given must hold, besides the goal’s own
            </span>
          </legend>
          <div className="grid gap-3 @2xl:grid-cols-2">
            {line('exit_code', '/success_condition/exit_code', 'Exit code', '0, or any')}
            {line('max_seconds', '/success_condition/max_seconds', 'Faster than, seconds', 'no limit', true)}
            {line('output_contains', '/success_condition/output_contains', 'Output contains', 'anything')}
            {line(
              'output_regex',
              '/success_condition/output_regex',
              'Output matches (regular expression)',
              'anything',
            )}
          </div>
        </fieldset>
        <div className="grid gap-3 @2xl:grid-cols-2">
          {line(
            'check_timeout_seconds',
            '/check_timeout_seconds',
            'Stop the check after, seconds',
            '600',
            true,
          )}
          <Field
            label="Priority"
            error={errors['/priority']}
            hint="−100 to 100: of the runs that wait for a slot the highest is next"
          >
            {ids => (
              <Input
                {...ids}
                value={form.priority}
                placeholder="0"
                spellCheck={false}
                onChange={event => set({ priority: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      </div>
    </details>
  )
}
