import clsx from 'clsx'
import { useEffect, useState } from 'react'
import type { GoalCandidate, GoalInfo } from '#lib/contract/goals'
import { Field, Input, Textarea } from '../../_ui/field.tsx'
import type { FormProps } from './form-props.ts'
import type { Detection } from './use-detection.ts'

/** One way to say the goal: found in the project, registered, or in one's own words. */
interface Option {
  key: string
  label: string
  goal: string
  command: string
  why: string
  detected: boolean
  needsCommand: boolean
}

const OWN_WORDS = 'own'

export function GoalFields({
  form,
  set,
  errors,
  goals,
  detection,
}: FormProps & { goals: GoalInfo[]; detection: Detection }) {
  const candidates = detection.state === 'found' ? detection.candidates : null
  const options = optionsOf(goals, candidates ?? [])
  // A goal that was given from outside, or chosen, stays; else what is found in the directory is taken.
  const [chosen, setChosen] = useState<string | null>(() =>
    form.goal === '' ? null : (goals.find(g => g.name === form.goal)?.name ?? OWN_WORDS),
  )
  const picked =
    chosen === OWN_WORDS
      ? undefined
      : (options.find(o => o.key === chosen) ?? options.find(o => o.goal === chosen) ?? undefined)

  function choose(option: Option) {
    setChosen(option.key)
    set({ goal: option.goal, check_command: option.command })
  }

  const best = options.find(o => o.detected)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new finding may choose, not each new form
  useEffect(() => {
    if (chosen === null && best) set({ goal: best.goal, check_command: best.command })
  }, [candidates])
  const current = chosen === null ? (best ?? options.find(o => o.goal === form.goal)) : picked

  const pill =
    'flex h-7 cursor-pointer items-center gap-1.5 rounded-full border px-2.5 coarse:h-11 coarse:px-4 ' +
    'has-checked:border-accent has-checked:bg-raised has-checked:text-text has-checked:font-medium ' +
    'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent'
  return (
    <div className="space-y-3">
      <fieldset>
        <legend className="mb-1 font-medium">Goal</legend>
        <div className="flex flex-wrap gap-1.5">
          {options.map(option => (
            <label
              key={option.key}
              className={clsx(pill, option.detected ? 'border-control text-text' : 'border-line text-muted')}
            >
              <input
                type="radio"
                name="goal-choice"
                className="sr-only"
                checked={current?.key === option.key}
                onChange={() => choose(option)}
              />
              {option.label}
              {option.detected && (
                <span className="text-2xs font-normal text-ok" title={option.why}>
                  found
                </span>
              )}
            </label>
          ))}
          <label className={clsx(pill, 'border-line text-muted')}>
            <input
              type="radio"
              name="goal-choice"
              className="sr-only"
              checked={chosen === OWN_WORDS}
              onChange={() => {
                setChosen(OWN_WORDS)
                set({ goal: '', check_command: '' })
              }}
            />
            In my own words
          </label>
        </div>
        {current && <p className="mt-1.5 text-xs text-muted">{current.why}</p>}
        {!current && chosen !== OWN_WORDS && errors['/goal'] && (
          <p className="mt-1 text-err" role="alert">
            {errors['/goal']}
          </p>
        )}
      </fieldset>
      {chosen === OWN_WORDS && (
        <Field label="What is to be achieved" error={errors['/goal']}>
          {ids => (
            <Textarea
              {...ids}
              rows={3}
              value={form.goal}
              maxLength={65_536}
              placeholder="The importer accepts the 2025 file format, and all tests still pass"
              onChange={event => set({ goal: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
      {chosen !== OWN_WORDS && current && errors['/goal'] && <p className="text-err">{errors['/goal']}</p>}
      <Field
        label={current?.needsCommand ? 'Command' : 'Command (optional)'}
        error={errors['/check_command']}
        hint={
          chosen === OWN_WORDS
            ? 'Achieved when this command succeeds. Without a command a model judges the changes, and the result is marked as judged.'
            : 'How the goal is checked, after each iteration.'
        }
      >
        {ids => (
          <Input
            {...ids}
            value={form.check_command}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            placeholder={current?.needsCommand || chosen === OWN_WORDS ? 'make test' : 'the goal’s own'}
            className="font-mono text-mono"
            onChange={event => set({ check_command: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  )
}

/** What was found first, best first; then the other registered goals. */
function optionsOf(goals: GoalInfo[], candidates: GoalCandidate[]): Option[] {
  const infoOf = (name: string) => goals.find(g => g.name === name)
  const found = candidates.map((c): Option => {
    const needsCommand = infoOf(c.goal)?.needs_command ?? true
    return {
      key: `${c.goal} ${c.check_command ?? ''}`,
      label: needsCommand && c.check_command ? c.check_command : (infoOf(c.goal)?.title ?? c.goal),
      goal: c.goal,
      command: c.check_command ?? '',
      why: c.why,
      detected: true,
      needsCommand,
    }
  })
  const names = new Set(candidates.map(c => c.goal))
  const others = goals
    .filter(g => !names.has(g.name) || g.needs_command)
    .map(
      (g): Option => ({
        key: g.name,
        label: g.title,
        goal: g.name,
        command: '',
        why: g.description,
        detected: false,
        needsCommand: g.needs_command,
      }),
    )
  return [...found, ...others]
}
