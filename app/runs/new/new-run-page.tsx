'use client'
import { Play, ShieldOff } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { call, ProblemError } from '#lib/client/call'
import { startRun } from '#lib/client/endpoints'
import { type FormErrors, type NewRunForm, newKey, requestOf, type StartRunInput } from '#lib/client/new-run'
import type { GoalInfo } from '#lib/contract/goals'
import type { ModelInfo } from '#lib/contract/models'
import { messageOf } from '#lib/errors'
import { useIsMac } from '../../_hooks/use-is-mac.ts'
import { Button } from '../../_ui/button.tsx'
import { Field, Input } from '../../_ui/field.tsx'
import { Main } from '../../_ui/main.tsx'
import { Notice } from '../../_ui/panel.tsx'
import { useShortcuts } from '../../_ui/shortcuts.tsx'
import { TopBar } from '../../_ui/top-bar.tsx'
import { useCutOff } from '../../_ui/use-cut-off.ts'
import { AdvancedFields, isAdvanced } from './advanced-fields.tsx'
import { CheckNow } from './check-now.tsx'
import { DirectoryField } from './directory-field.tsx'
import { Equivalent } from './equivalent.tsx'
import type { FormProps } from './form-props.ts'
import { GateFields } from './gate-fields.tsx'
import { GoalFields } from './goal-fields.tsx'
import { ModelField } from './model-field.tsx'
import { PresetField } from './preset-field.tsx'
import { useDetection } from './use-detection.ts'

export function NewRunPage({
  initial,
  goals,
  models,
  directories,
  origin,
  sandboxed,
}: {
  initial: NewRunForm
  goals: GoalInfo[]
  models: ModelInfo[]
  directories: string[]
  origin: string
  sandboxed: boolean
}) {
  const [form, setForm] = useState(initial)
  const submit = useSubmit(form)
  const isMac = useIsMac()
  const cutOff = useCutOff()
  const set = (changes: Partial<NewRunForm>) => {
    setForm(before => ({ ...before, ...changes }))
    submit.clear(changes)
  }
  const detection = useDetection(form.cwd)
  const { body } = requestOf(form)
  const { errors } = submit
  const fields: FormProps = { form, set, errors }
  useShortcuts('page', [
    { keys: '$mod+Enter', does: 'Start the run', hint: 'start', whileTyping: true, run: submit.start },
  ])

  return (
    <>
      <TopBar crumbs={[{ label: 'Runs', href: '/runs' }, { label: 'New run' }]} />
      <Main>
        <div className="mx-auto grid max-w-6xl gap-x-10 gap-y-8 p-4 @4xl:grid-cols-[minmax(0,1fr)_24rem] @4xl:p-6">
          <form
            ref={submit.formRef}
            noValidate
            aria-label="New run"
            className="min-w-0 space-y-6"
            onSubmit={event => {
              event.preventDefault()
              submit.start()
            }}
          >
            <DirectoryField {...fields} directories={directories} detection={detection} />
            <GoalFields {...fields} goals={goals} detection={detection} />
            <CheckNow body={body} isByProject={form.by_project} />
            <ModelField {...fields} models={models} />
            <Budget {...fields} />
            <GateFields {...fields} />
            <AdvancedFields {...fields} open={Object.keys(errors).some(isAdvanced)} />
            <PresetField form={form} set={set} />
            {!sandboxed && (
              <Notice className="flex items-start gap-2">
                <ShieldOff aria-hidden className="mt-0.5 size-4 shrink-0 text-err" />
                <p>
                  <strong className="font-semibold text-err">Commands are not sandboxed.</strong> What the
                  agent runs can touch everything this server’s user can.
                </p>
              </Notice>
            )}
            {submit.problem && (
              <div role="alert">
                <Notice tone="err">{submit.problem}</Notice>
              </div>
            )}
            <div className="sticky bottom-0 flex items-center gap-3 border-t bg-bg py-3">
              <Button
                kind="primary"
                type="submit"
                disabled={submit.pending}
                blocked={cutOff}
                hint={isMac ? '⌘↵' : 'Ctrl ↵'}
                icon={<Play aria-hidden className="size-3.5" />}
              >
                {submit.pending ? 'Starting…' : 'Start run'}
              </Button>
            </div>
          </form>
          <Equivalent body={body} origin={origin} isByProject={form.by_project} />
        </div>
      </Main>
    </>
  )
}

function Budget({ form, set, errors }: FormProps) {
  const field = (
    name: 'max_iterations' | 'max_cost_usd' | 'max_minutes',
    label: string,
    placeholder: string,
  ) => (
    <Field label={label} error={errors[`/${name}`]}>
      {ids => (
        <Input
          {...ids}
          inputMode="decimal"
          value={form[name]}
          placeholder={placeholder}
          onChange={event => set({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  )
  return (
    <fieldset>
      <legend className="sr-only">Budget</legend>
      <div className="grid grid-cols-3 gap-3">
        {field('max_iterations', 'Iterations', '20')}
        {field('max_cost_usd', 'Cost, $', 'no limit')}
        {field('max_minutes', 'Minutes', 'no limit')}
      </div>
      <p className="mt-1 text-xs text-muted">
        When a budget is spent the run ends as exhausted and keeps its best state.
      </p>
    </fieldset>
  )
}

/** Sends the form once, however often it is asked to; errors go to their fields. */
function useSubmit(form: NewRunForm) {
  const router = useRouter()
  const formRef = useRef<HTMLFormElement>(null)
  const busy = useRef(false)
  // The same request keeps its key: after a broken connection, trying again cannot start a second run.
  const sent = useRef<{ body: string; key: string } | null>(null)
  const [pending, setPending] = useState(false)
  const [errors, setErrors] = useState<FormErrors>({})
  const [problem, setProblem] = useState<string | null>(null)
  const [refusals, setRefusals] = useState(0)

  // After each refusal, once the fields are marked, the first of them has the focus.
  useEffect(() => {
    if (refusals > 0) formRef.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refusals])

  function refuse(found: FormErrors, sentence: string | null) {
    setErrors(found)
    setProblem(sentence)
    setRefusals(n => n + 1)
  }

  async function start() {
    if (busy.current) return
    const { body, errors: found } = requestOf(form)
    if (Object.keys(found).length > 0) return refuse(found, null)
    const text = JSON.stringify(body)
    if (sent.current?.body !== text) sent.current = { body: text, key: newKey() }
    busy.current = true
    setPending(true)
    setProblem(null)
    try {
      const run = await call(startRun, { body, headers: { 'idempotency-key': sent.current.key } })
      router.push(`/runs/${run.run_id}`)
      return // still busy: the page is about to change
    } catch (error) {
      const fields = error instanceof ProblemError ? (error.problem.errors ?? []) : []
      const known = Object.fromEntries(fields.map(e => [ofForm(e.pointer, body), e.detail]))
      const shown = fields.length > 0 && Object.keys(known).every(pointer => FIELDS.has(pointer))
      refuse(known, shown ? null : messageOf(error))
    }
    busy.current = false
    setPending(false)
  }

  return {
    formRef,
    pending,
    errors,
    problem,
    start: () => void start(),
    /** What is being changed is no longer wrong until it is sent again. */
    clear(changes: Partial<NewRunForm>) {
      const cleared = Object.keys(changes).flatMap(name => [
        `/${SHOWN_BY[name] ?? name}`,
        `/success_condition/${name}`,
      ])
      const isCleared = (pointer: string) => cleared.some(p => pointer === p || pointer.startsWith(`${p}/`))
      setErrors(before => Object.fromEntries(Object.entries(before).filter(([p]) => !isCleared(p))))
    },
  }
}

/** Fields of the form that are a field of another name in the request. */
const SHOWN_BY: Record<string, string> = {
  protect_patterns: 'protect',
  network_hosts: 'network',
  gate: 'gate_policy',
  gate_timeout: 'gate_policy',
  on_timeout: 'gate_policy',
  others: 'goals',
}

/** Pointers that have a field to stand under. */
const FIELDS = new Set([
  '/cwd',
  '/goal',
  '/check_command',
  '/model_name',
  '/max_iterations',
  '/max_cost_usd',
  '/max_minutes',
  '/gate_policy/timeout_minutes',
  '/instructions',
  '/protect',
  '/confirm',
  '/no_progress_iterations',
  '/check_timeout_seconds',
  '/priority',
  '/success_condition/exit_code',
  '/success_condition/output_contains',
  '/success_condition/output_regex',
  '/success_condition/max_seconds',
])

/** The first of several goals has the fields of a single one. */
const ofForm = (pointer: string, body: StartRunInput) =>
  body.goals ? pointer.replace(/^\/goals\/0(?=\/)/, '') : pointer
