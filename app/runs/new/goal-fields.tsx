import clsx from 'clsx'
import { useEffect, useState } from 'react'
import type { GoalCandidate, GoalInfo } from '#lib/contract/goals'
import { Button } from '../../_ui/button.tsx'
import { Field, Input, Textarea } from '../../_ui/field.tsx'
import { JudgedMark } from '../../_ui/judged-mark.tsx'
import type { FormProps } from './form-props.ts'
import { GoalOptions } from './goal-options.tsx'
import { OtherGoals } from './other-goals.tsx'
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
const BY_PROJECT = 'project'
const ALWAYS_SHOWN = ['pytest', 'npm-test', 'shell-goal']

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
    form.by_project
      ? BY_PROJECT
      : form.goal === ''
        ? null
        : (goals.find(g => g.name === form.goal)?.name ?? OWN_WORDS),
  )
  const picked =
    chosen === OWN_WORDS || chosen === BY_PROJECT
      ? undefined
      : (options.find(o => o.key === chosen) ?? options.find(o => o.goal === chosen) ?? undefined)

  function choose(option: Option) {
    setChosen(option.key)
    set({ by_project: false, goal: option.goal, check_command: option.command, ...settingsFor(option.goal) })
  }
  /** Settings of one goal mean nothing to another. */
  const settingsFor = (goal: string) => (goal === form.goal ? {} : { goal_options: {} })

  function addGoal() {
    // With several goals the first is named as well.
    if (form.by_project && best) choose(best)
    set({ others: [...form.others, { goal: '', check_command: '', rest: {} }] })
  }

  const best = options.find(o => o.detected)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new finding may choose, not each new form
  useEffect(() => {
    if (chosen !== null) return
    // What nobody has accepted is left where it is read and accepted, instead of being copied into the request.
    if (isUnaccepted(detection)) {
      setChosen(BY_PROJECT)
      set({ by_project: true, goal: '', check_command: '', goal_options: {} })
    } else if (best) set({ goal: best.goal, check_command: best.command, ...settingsFor(best.goal) })
  }, [candidates])
  const current = chosen === null ? (best ?? options.find(o => o.goal === form.goal)) : picked

  // What the project has, what fits any project, and what was chosen: the others would hide them.
  const [all, setAll] = useState(false)
  const shown = options.filter(
    option => all || option.detected || ALWAYS_SHOWN.includes(option.goal) || option.key === current?.key,
  )

  const info = chosen === BY_PROJECT ? undefined : goals.find(({ name }) => name === form.goal)
  const isJudgedSentence =
    (chosen === OWN_WORDS && form.goal.trim() !== '' && form.check_command.trim() === '') ||
    info?.judged === true

  const pill =
    'flex h-7 cursor-pointer items-center gap-1.5 rounded-full border px-2.5 coarse:h-11 coarse:px-4 ' +
    'has-checked:border-accent has-checked:bg-raised has-checked:text-text has-checked:font-medium ' +
    'has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent'
  return (
    <div className="space-y-3">
      <fieldset>
        <legend className="mb-1 font-medium">Goal</legend>
        <div className="flex flex-wrap gap-1.5">
          {shown.map(option => (
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
              checked={chosen === BY_PROJECT}
              onChange={() => {
                setChosen(BY_PROJECT)
                set({ by_project: true, goal: '', check_command: '', goal_options: {} })
              }}
            />
            The project decides
          </label>
          <label className={clsx(pill, 'border-line text-muted')}>
            <input
              type="radio"
              name="goal-choice"
              className="sr-only"
              checked={chosen === OWN_WORDS}
              onChange={() => {
                setChosen(OWN_WORDS)
                set({ by_project: false, goal: '', check_command: '', goal_options: {} })
              }}
            />
            In my own words
          </label>
          {shown.length < options.length || all ? (
            <Button kind="quiet" aria-expanded={all} onClick={() => setAll(!all)} className="rounded-full!">
              {all ? 'Fewer' : `${options.length - shown.length} more…`}
            </Button>
          ) : null}
        </div>
        {current && <p className="mt-1.5 text-xs text-muted">{current.why}</p>}
        {chosen === BY_PROJECT && <ByProject detection={detection} />}
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
      {chosen !== BY_PROJECT && !info?.judged && (
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
      )}
      {isJudgedSentence && (
        <p className="flex items-start gap-2 text-muted">
          <JudgedMark long className="mt-0.5" />
          <span>
            {info?.judged
              ? 'A model’s opinion decides over this goal: its verdict cannot be repeated.'
              : 'Without a command nothing but a model’s opinion decides. Give a command above if there is one: then green is proof.'}
          </span>
        </p>
      )}
      {info?.options && (
        <GoalOptions
          key={info.name}
          schema={info.options}
          values={form.goal_options}
          onChange={goal_options => set({ goal_options })}
          errors={errors}
        />
      )}
      <OtherGoals form={form} set={set} errors={errors} goals={goals} onAdd={addGoal} />
    </div>
  )
}

const isUnaccepted = (detection: Detection) =>
  detection.state === 'found' &&
  detection.config !== null &&
  detection.config.decides &&
  !detection.config.accepted

/** What the project says, as it would be taken now. */
function ByProject({ detection }: { detection: Detection }) {
  if (detection.state === 'looking') return <p className="mt-1.5 text-xs text-muted">Looking into it…</p>
  if (detection.state === 'failed') return null
  const [found] = detection.candidates
  return (
    <p className="mt-1.5 text-xs text-muted">
      {found ? (
        <>
          Found now: <b className="font-semibold text-text">{found.goal}</b>
          {found.check_command && (
            <>
              {' '}
              by <code>{found.check_command}</code>
            </>
          )}
          , {found.why}. What its .retrai.yml says goes before
          {isUnaccepted(detection) ? ', once you have accepted it: the run asks first.' : '.'}
        </>
      ) : (
        'Nothing in it speaks for a goal yet: choose one, or give the project a .retrai.yml.'
      )}
    </p>
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
