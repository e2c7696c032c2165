import { Plus, X } from 'lucide-react'
import { useId } from 'react'
import type { OtherGoal } from '#lib/client/new-run'
import type { GoalInfo } from '#lib/contract/goals'
import { Button, IconButton } from '../../_ui/button.tsx'
import { Field, Input } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'

const MOST = 9

/** Goals that must hold besides the first: fixing one and breaking another is then no success. */
export function OtherGoals({
  form,
  set,
  errors,
  goals,
  onAdd,
}: FormProps & { goals: GoalInfo[]; onAdd(): void }) {
  const list = useId()
  const change = (at: number, more: Partial<OtherGoal>) =>
    set({ others: form.others.map((other, i) => (i === at ? { ...other, ...more } : other)) })
  return (
    <div className="space-y-3">
      {form.others.map((other, i) => {
        const pointer = `/goals/${i + 1}`
        const needsCommand = goals.find(({ name }) => name === other.goal)?.needs_command ?? false
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place
          <fieldset key={i} className="rounded-lg border px-4 pt-2 pb-4">
            <legend className="px-1 font-medium">and goal {i + 2}</legend>
            <div className="grid items-start gap-3 @2xl:grid-cols-[minmax(0,1fr)_minmax(0,1.4fr)_auto]">
              <Field label="Goal" error={errors[`${pointer}/goal`] ?? errors[pointer]}>
                {ids => (
                  <Input
                    {...ids}
                    list={list}
                    value={other.goal}
                    spellCheck={false}
                    autoComplete="off"
                    placeholder="a registered goal, or a sentence"
                    onChange={event => change(i, { goal: event.currentTarget.value })}
                  />
                )}
              </Field>
              <Field
                label={needsCommand ? 'Its command' : 'Its command (optional)'}
                error={errors[`${pointer}/check_command`]}
              >
                {ids => (
                  <Input
                    {...ids}
                    value={other.check_command}
                    spellCheck={false}
                    autoComplete="off"
                    placeholder={needsCommand ? 'make test' : 'the goal’s own'}
                    className="font-mono text-mono"
                    onChange={event => change(i, { check_command: event.currentTarget.value })}
                  />
                )}
              </Field>
              <IconButton
                label={`Take goal ${i + 2} away`}
                className="@2xl:mt-6"
                onClick={() => set({ others: form.others.filter((_, at) => at !== i) })}
              >
                <X aria-hidden className="size-3.5" />
              </IconButton>
            </div>
          </fieldset>
        )
      })}
      {form.others.length < MOST && (
        <Button icon={<Plus aria-hidden className="size-3.5" />} onClick={onAdd}>
          Another goal that must hold
        </Button>
      )}
      <datalist id={list}>
        {goals.map(({ name, title }) => (
          <option key={name} value={name}>
            {title}
          </option>
        ))}
      </datalist>
      {(form.others.length > 0 || form.about !== '') && (
        <Field
          label="What it is about (optional)"
          hint="In a sentence: the run is called by it, and the agent reads it. The goals above decide."
          error={errors['/about']}
        >
          {ids => (
            <Input
              {...ids}
              value={form.about}
              placeholder="The importer accepts the 2025 file format"
              onChange={event => set({ about: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </div>
  )
}
