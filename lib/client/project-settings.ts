// A request as the project's own settings, `.retrai.yml`: what of it belongs to the project.
import type { StartRunInput } from './new-run.ts'

const IN_FILE = [
  'goal',
  'goals',
  'goal_options',
  'check_command',
  'check_timeout_seconds',
  'success_condition',
  'protect',
  'confirm',
  'no_progress_iterations',
  'max_iterations',
  'max_cost_usd',
  'max_tokens',
  'max_minutes',
  'model_name',
  'hitl_enabled',
  'gate_policy',
  'instructions',
  'network',
] as const satisfies readonly (keyof StartRunInput)[]

/** Every JSON value is YAML too, so only plain words are written without quotes. A goal that is left to the project is left out. */
export function asProjectFile(body: StartRunInput): string {
  const lines = IN_FILE.flatMap(name => {
    const value = body[name]
    return value === undefined || value === '' ? [] : [`${name}: ${scalar(value)}\n`]
  })
  return lines.join('') || '# Nothing to set: the goal follows from the project’s files.\n'
}

function scalar(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(scalar).join(', ')}]`
  if (typeof value !== 'string') return JSON.stringify(value)
  // What YAML would read as something else than a text is quoted.
  const isPlain =
    /^[A-Za-z][\w./ -]*[\w/]$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isPlain ? value : JSON.stringify(value)
}
