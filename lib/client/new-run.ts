// The form of a new run as text fields, and what it comes to: the request, and the same in a terminal. Pure.
import type { z } from 'zod'
import type { GateMode, GatePolicy, OnTimeout } from '../contract/gate-policy.ts'
import { networkText } from '../contract/network.ts'
import type { GoalPart, Run, StartRun } from '../contract/runs.ts'

export type StartRunInput = z.input<typeof StartRun>

/** As typed: numbers stay text until they are sent, so that nothing jumps while typing. */
export interface NewRunForm {
  cwd: string
  /** The goal is left to the project: to its `.retrai.yml`, or to what its files speak for. */
  by_project: boolean
  goal: string
  check_command: string
  /** Settings of the goal alone, as JSON values. */
  goal_options: Record<string, unknown>
  /** Goals that must hold as well. */
  others: OtherGoal[]
  /** What a run with several goals is about, in words. */
  about: string
  model_name: string
  max_iterations: string
  max_cost_usd: string
  max_minutes: string
  gate: GateMode
  on_timeout: OnTimeout
  /** Minutes. */
  gate_timeout: string
  instructions: string
  /** A word of the contract, or `patterns`. */
  protect: string
  /** One to a line. */
  protect_patterns: string
  confirm: string
  no_progress_iterations: string
  exit_code: string
  output_contains: string
  output_regex: string
  max_seconds: string
  check_timeout_seconds: string
  priority: string
  /** `off`, `on`, or `hosts`. */
  network: string
  /** With commas, spaces or line ends between. */
  network_hosts: string
  /** Cannot be edited here, and stays as it came. */
  command_policy?: StartRunInput['command_policy']
}

export interface OtherGoal {
  goal: string
  check_command: string
  /** What cannot be edited here and stays as it came. */
  rest: Omit<GoalPart, 'goal' | 'check_command'>
}

/** JSON pointer → what is wrong, as in a problem's `errors`. */
export type FormErrors = Record<string, string>

export const EMPTY_FORM: NewRunForm = {
  cwd: '',
  by_project: false,
  goal: '',
  check_command: '',
  goal_options: {},
  others: [],
  about: '',
  model_name: '',
  max_iterations: '20',
  max_cost_usd: '',
  max_minutes: '',
  gate: 'off',
  on_timeout: 'wait',
  gate_timeout: '30',
  instructions: '',
  protect: 'enforce',
  protect_patterns: '',
  confirm: '',
  no_progress_iterations: '',
  exit_code: '',
  output_contains: '',
  output_regex: '',
  max_seconds: '',
  check_timeout_seconds: '',
  priority: '',
  network: 'off',
  network_hosts: '',
}

/** The form of a run that is started again with changes. */
export function formOfRun(run: Run): NewRunForm {
  const [first, ...others] = run.goals
  const condition = first?.success_condition
  const isNamed = run.goal === nameOf(run.goals)
  return {
    ...EMPTY_FORM,
    cwd: run.cwd,
    goal: first?.goal ?? run.goal,
    check_command: first?.check_command ?? '',
    goal_options: first?.goal_options ?? {},
    others: others.map(({ goal, check_command = '', ...rest }) => ({ goal, check_command, rest })),
    about: isNamed ? '' : run.goal,
    model_name: run.model_name,
    max_iterations: String(run.max_iterations),
    max_cost_usd: text(run.max_cost_usd),
    max_minutes: text(run.max_minutes),
    gate: run.gate_policy.mode,
    on_timeout: run.gate_policy.on_timeout,
    gate_timeout: text(run.gate_policy.timeout_minutes ?? 30),
    instructions: run.instructions ?? '',
    protect: Array.isArray(run.protect) ? 'patterns' : run.protect,
    protect_patterns: Array.isArray(run.protect) ? run.protect.join('\n') : '',
    confirm: run.confirm === 0 ? '' : String(run.confirm),
    no_progress_iterations: run.no_progress_iterations === 3 ? '' : String(run.no_progress_iterations),
    exit_code: text(condition?.exit_code),
    output_contains: condition?.output_contains ?? '',
    output_regex: condition?.output_regex ?? '',
    max_seconds: text(condition?.max_seconds),
    priority: run.priority === 0 ? '' : String(run.priority),
    network: Array.isArray(run.network) ? 'hosts' : run.network,
    network_hosts: Array.isArray(run.network) ? run.network.join(', ') : '',
    ...(Object.keys(run.command_policy ?? {}).length > 0 && { command_policy: run.command_policy }),
  }
}

/** What a run is called that nobody gave words for. */
const nameOf = (goals: readonly GoalPart[]) => goals.map(({ goal }) => goal).join(' + ')

/** Goal fields of a request: a single goal stands by itself, several in a list, with words beside them where there are some. */
export function goalsOf({ goal, goals }: Pick<Run, 'goal' | 'goals'>): GoalFields {
  const [first] = goals
  const isNamed = goal === nameOf(goals)
  if (first && goals.length === 1 && isNamed) return first
  if (!first) return { goal }
  const short = goals.map(part => (Object.keys(part).length === 1 ? part.goal : part))
  return isNamed ? { goals: short } : { goal, goals: short }
}
type GoalFields = Pick<
  StartRunInput,
  'goal' | 'goals' | 'check_command' | 'success_condition' | 'goal_options'
>

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
  if (form.goal.trim() === '' && !(form.by_project && form.others.length === 0))
    errors['/goal'] = form.by_project
      ? 'name the first goal, when others have to hold as well'
      : 'choose a goal, or say in your own words what is to be achieved'
  form.others.forEach((other, i) => {
    if (other.goal.trim() === '') errors[`/goals/${i + 1}/goal`] = 'choose a goal, or take this line away'
  })

  const exitCode =
    form.exit_code.trim() === 'any' ? 'any' : number(form.exit_code, '/success_condition/exit_code')
  const condition: NonNullable<StartRunInput['success_condition']> = compact({
    exit_code: exitCode,
    output_contains: form.output_contains || undefined,
    output_regex: form.output_regex || undefined,
    max_seconds: number(form.max_seconds, '/success_condition/max_seconds'),
  })
  return {
    errors,
    body: {
      ...goalFields(form, Object.keys(condition).length > 0 ? condition : undefined),
      ...compact({
        cwd: form.cwd.trim() || undefined,
        model_name: form.model_name.trim() || undefined,
        max_iterations: number(form.max_iterations, '/max_iterations'),
        ...gateOf(form, number),
        check_timeout_seconds: number(form.check_timeout_seconds, '/check_timeout_seconds'),
        protect: protectOf(form),
        confirm: number(form.confirm, '/confirm'),
        no_progress_iterations: number(form.no_progress_iterations, '/no_progress_iterations'),
        max_cost_usd: number(form.max_cost_usd, '/max_cost_usd'),
        max_minutes: number(form.max_minutes, '/max_minutes'),
        instructions: form.instructions.trim() || undefined,
        priority: number(form.priority, '/priority'),
        network: networkOf(form, errors),
        command_policy: form.command_policy,
      }),
    },
  }
}

/** `off` is not said: a project's own settings may ask for gates. */
function gateOf(
  { gate, on_timeout, gate_timeout }: NewRunForm,
  number: (value: string, pointer: string) => number | undefined,
): GateFields {
  if (gate === 'off') return {}
  const pointer = '/gate_policy/timeout_minutes'
  const minutes = on_timeout === 'wait' ? undefined : (number(gate_timeout, pointer) ?? null)
  return gateFields({ mode: gate, timeout_minutes: minutes ?? null, on_timeout })
}

/** A policy in the fewest words of a request. */
export function gateFields({ mode, timeout_minutes, on_timeout }: GatePolicy): GateFields {
  if (mode === 'off') return { hitl_enabled: false }
  if (on_timeout === 'wait') return mode === 'each' ? { hitl_enabled: true } : { gate_policy: mode }
  // Without a time the server says that it is missing.
  return { gate_policy: { mode, ...(timeout_minutes !== null && { timeout_minutes }), on_timeout } }
}
type GateFields = Pick<StartRunInput, 'hitl_enabled' | 'gate_policy'>

/** What the check of this form needs: the part of the request that says the goal. */
function goalFields(form: NewRunForm, success_condition: StartRunInput['success_condition']): GoalFields {
  const settings = Object.keys(form.goal_options).length > 0 ? form.goal_options : undefined
  // Blank, not left out: the API takes a missing goal for a mistake.
  if (form.by_project && form.others.length === 0) return { goal: '', ...compact({ success_condition }) }
  const first = {
    goal: form.goal.trim(),
    ...compact({
      check_command: form.check_command.trim() || undefined,
      success_condition,
      goal_options: settings,
    }),
  }
  const about = form.about.trim()
  if (form.others.length === 0 && about === '') return first
  const others = form.others.map(({ goal, check_command, rest }) => ({
    goal: goal.trim(),
    ...compact({ check_command: check_command.trim() || undefined }),
    ...rest,
  }))
  return { ...(about !== '' && { goal: about }), goals: [first, ...others] }
}

/** `off` is not said: a project's own settings may ask for more, and be accepted. */
function networkOf({ network, network_hosts }: NewRunForm, errors: FormErrors): StartRunInput['network'] {
  if (network === 'on') return 'on'
  if (network !== 'hosts') return undefined
  const hosts = network_hosts.split(/[\s,]+/).filter(host => host !== '')
  if (hosts.length > 0) return hosts
  errors['/network'] = 'name at least one host, such as packages.example.com'
  return undefined
}

function protectOf({ protect, protect_patterns }: NewRunForm): StartRunInput['protect'] {
  if (protect === 'off' || protect === 'report') return protect
  const patterns = protect_patterns
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  return protect === 'patterns' && patterns.length > 0 ? patterns : undefined
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
  const [first, ...others] = (body.goals ?? [body]).map(one =>
    typeof one === 'string' ? { goal: one } : one,
  )
  const missing: string[] = []
  const parts = ['retrai run', ...(first?.goal ? [quote(first.goal)] : [])]
  for (const { goal, ...rest } of others) {
    parts.push(`--and ${quote(goal ?? '')}`)
    if (Object.keys(rest).length > 0) missing.push(`the settings of ${goal}`)
  }
  if (body.goals && body.goal) missing.push('the words beside several goals')
  if (body.cwd) parts.push(`-C ${quote(body.cwd)}`)
  if (body.model_name) parts.push(`-m ${quote(body.model_name)}`)
  if (body.max_iterations !== undefined) parts.push(`-n ${body.max_iterations}`)
  if (body.max_cost_usd !== undefined) parts.push(`--cost ${body.max_cost_usd}`)
  if (body.max_minutes !== undefined) parts.push(`--time ${body.max_minutes}m`)
  if (first?.check_command) parts.push(`--cmd ${quote(first.check_command)}`)
  for (const [name, value] of Object.entries(first?.goal_options ?? {}))
    parts.push(`--option ${quote(`${name}=${optionText(value)}`)}`)
  if (body.confirm !== undefined) parts.push(`--confirm ${body.confirm}`)
  if (body.no_progress_iterations !== undefined) parts.push(`--stalled ${body.no_progress_iterations}`)
  if (typeof body.protect === 'string') parts.push(`--protect ${body.protect}`)
  if (body.instructions) parts.push(`--instructions ${quote(body.instructions)}`)
  if (body.priority) parts.push(`--priority ${body.priority}`)
  if (body.network) parts.push(`--network ${quote(networkText(body.network))}`)
  parts.push(...gateFlags(body))
  for (const what of ['allow', 'ask', 'deny'] as const)
    for (const pattern of body.command_policy?.[what] ?? []) parts.push(`--${what}-command ${quote(pattern)}`)
  if (body.command_policy?.on_ask) parts.push(`--on-ask ${body.command_policy.on_ask}`)
  if (body.check_timeout_seconds !== undefined) missing.push('check_timeout_seconds')
  if (first?.success_condition) missing.push('success_condition')
  if (Array.isArray(body.protect)) missing.push('protect with patterns')
  return { command: parts.join(' '), missing }
}

function gateFlags({ hitl_enabled, gate_policy: policy }: StartRunInput): string[] {
  if (policy === undefined) return hitl_enabled ? ['--gate'] : []
  const {
    mode,
    timeout_minutes: minutes = null,
    on_timeout,
  } = typeof policy === 'string' ? { mode: policy } : policy
  return [
    mode === 'each' ? '--gate' : `--gate ${mode}`,
    ...(minutes === null ? [] : [`--gate-timeout ${minutes}m`]),
    ...(minutes !== null && on_timeout === 'approve' ? ['--on-gate-timeout approve'] : []),
  ]
}

/** As --option reads it: JSON where it is some, else text. */
function optionText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  try {
    JSON.parse(value)
    return JSON.stringify(value)
  } catch {
    return value
  }
}

/** For a POSIX shell; plain words stay plain. */
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/** crypto.randomUUID exists in secure contexts only; a dashboard on a plain LAN address needs keys too. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(b => b.toString(16).padStart(2, '0')).join('')
}
