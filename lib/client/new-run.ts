// The form of a new run as text fields, and what it comes to: the request, and the same in a terminal. Pure.
import type { z } from 'zod'
import type { Run, StartRun } from '../contract/runs.ts'

export type StartRunInput = z.input<typeof StartRun>

/** As typed: numbers stay text until they are sent, so that nothing jumps while typing. */
export interface NewRunForm {
  cwd: string
  goal: string
  check_command: string
  model_name: string
  max_iterations: string
  max_cost_usd: string
  max_minutes: string
  gate: boolean
  instructions: string
  protect: string
  exit_code: string
  output_contains: string
  output_regex: string
  max_seconds: string
  check_timeout_seconds: string
  priority: string
}

/** JSON pointer → what is wrong, as in a problem's `errors`. */
export type FormErrors = Record<string, string>

export const EMPTY_FORM: NewRunForm = {
  cwd: '',
  goal: '',
  check_command: '',
  model_name: '',
  max_iterations: '20',
  max_cost_usd: '',
  max_minutes: '',
  gate: false,
  instructions: '',
  protect: 'enforce',
  exit_code: '',
  output_contains: '',
  output_regex: '',
  max_seconds: '',
  check_timeout_seconds: '',
  priority: '',
}

/** The form of a run that is started again with changes. */
export function formOfRun(run: Run): NewRunForm {
  const condition = run.success_condition
  return {
    ...EMPTY_FORM,
    cwd: run.cwd,
    goal: run.goal,
    check_command: run.check_command ?? '',
    model_name: run.model_name,
    max_iterations: String(run.max_iterations),
    max_cost_usd: text(run.max_cost_usd),
    max_minutes: text(run.max_minutes),
    gate: run.hitl_enabled,
    instructions: run.instructions ?? '',
    protect: typeof run.protect === 'string' ? run.protect : 'enforce',
    exit_code: text(condition?.exit_code),
    output_contains: condition?.output_contains ?? '',
    output_regex: condition?.output_regex ?? '',
    max_seconds: text(condition?.max_seconds),
    priority: run.priority === 0 ? '' : String(run.priority),
  }
}

const text = (value: number | string | null | undefined) =>
  value === null || value === undefined ? '' : String(value)

/**
 * The body of POST /api/runs: only what was said, defaults stay the server's. `errors` holds what no server is needed for;
 * the rest of the validation is the server's alone.
 */
export function requestOf(form: NewRunForm): { body: StartRunInput; errors: FormErrors } {
  const errors: FormErrors = {}
  const number = (value: string, pointer: string): number | undefined => {
    if (value.trim() === '') return undefined
    const n = Number(value.trim().replace(',', '.').replace('−', '-'))
    if (!Number.isFinite(n)) errors[pointer] = 'must be a number'
    return n
  }
  if (form.goal.trim() === '')
    errors['/goal'] = 'choose a goal, or say in your own words what is to be achieved'

  const exitCode =
    form.exit_code.trim() === 'any' ? 'any' : number(form.exit_code, '/success_condition/exit_code')
  const condition: NonNullable<StartRunInput['success_condition']> = compact({
    exit_code: exitCode,
    output_contains: form.output_contains || undefined,
    output_regex: form.output_regex || undefined,
    max_seconds: number(form.max_seconds, '/success_condition/max_seconds'),
  })
  // Protect other than the three words is set by the API only, so the words are all the form can hold.
  const protect = form.protect === 'off' || form.protect === 'report' ? form.protect : undefined
  return {
    errors,
    body: {
      goal: form.goal.trim(),
      ...compact({
        cwd: form.cwd.trim() || undefined,
        model_name: form.model_name.trim() || undefined,
        max_iterations: number(form.max_iterations, '/max_iterations'),
        hitl_enabled: form.gate || undefined,
        check_command: form.check_command.trim() || undefined,
        check_timeout_seconds: number(form.check_timeout_seconds, '/check_timeout_seconds'),
        success_condition: Object.keys(condition).length > 0 ? condition : undefined,
        protect,
        max_cost_usd: number(form.max_cost_usd, '/max_cost_usd'),
        max_minutes: number(form.max_minutes, '/max_minutes'),
        instructions: form.instructions.trim() || undefined,
        priority: number(form.priority, '/priority'),
      }),
    },
  }
}

/** Without the fields that are undefined: what is not said is not sent. */
function compact<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined> // filtered one line above
  }
}

/** The same run by curl. */
export function asCurl(body: StartRunInput, origin: string): string {
  return [
    `curl -sS -X POST ${origin}/api/runs \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${quote(JSON.stringify(body, null, 2))}`,
  ].join('\n')
}

/** The same run by the CLI; `missing` names what has no flag there. */
export function asCli(body: StartRunInput): { command: string; missing: string[] } {
  const parts = ['retrai run', ...(body.goal ? [quote(body.goal)] : [])]
  if (body.cwd) parts.push(`-C ${quote(body.cwd)}`)
  if (body.model_name) parts.push(`-m ${quote(body.model_name)}`)
  if (body.max_iterations !== undefined) parts.push(`-n ${body.max_iterations}`)
  if (body.max_cost_usd !== undefined) parts.push(`--cost ${body.max_cost_usd}`)
  if (body.max_minutes !== undefined) parts.push(`--time ${body.max_minutes}m`)
  if (body.check_command) parts.push(`--cmd ${quote(body.check_command)}`)
  if (body.instructions) parts.push(`--instructions ${quote(body.instructions)}`)
  if (body.priority) parts.push(`--priority ${body.priority}`)
  if (body.hitl_enabled) parts.push('--gate')
  const onlyByApi = ['check_timeout_seconds', 'success_condition', 'protect'] as const
  return { command: parts.join(' '), missing: onlyByApi.filter(name => body[name] !== undefined) }
}

/** For a POSIX shell; plain words stay plain. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** crypto.randomUUID exists in secure contexts only; a dashboard on a plain LAN address needs keys too. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, '0')).join('')
}
