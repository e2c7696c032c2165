// What was typed into the limits of a run, as a change of its configuration. Pure.
import type { GateMode } from '#lib/contract/gate-policy'
import type { Run, RunConfig } from '#lib/contract/runs'

export const FIELDS = [
  { name: 'max_iterations', label: 'Iterations', empty: '1 to 1000' },
  { name: 'max_cost_usd', label: 'Cost in USD', empty: 'no limit' },
  { name: 'max_tokens', label: 'Tokens', empty: 'no limit' },
  { name: 'max_minutes', label: 'Minutes', empty: 'no limit' },
  { name: 'model_name', label: 'Model', empty: 'claude-sonnet-4-6' },
] as const
type FieldName = (typeof FIELDS)[number]['name']

/** What was typed, as it was typed; what is left out was not touched. */
export type LimitEdits = Partial<Record<FieldName, string>> & { gates?: GateMode }

/** What was typed cannot be meant. The server judges everything else. */
export class LimitError extends Error {
  readonly field: FieldName
  constructor(field: FieldName, message: string) {
    super(message)
    this.field = field
  }
}

export const textOf = (run: Run, name: FieldName): string => (run[name] === null ? '' : String(run[name]))

/** Only what differs from the run; an emptied budget is removed. Throws LimitError: a word must never become «no limit». */
export function changesOf(run: Run, edits: LimitEdits): RunConfig {
  const changes: RunConfig = {}
  for (const { name } of FIELDS) {
    const typed = (edits[name] ?? textOf(run, name)).trim()
    if (typed === textOf(run, name)) continue
    if (name === 'model_name') {
      if (typed === '') throw new LimitError(name, 'must not be empty')
      changes.model_name = typed
    } else if (name === 'max_iterations') changes.max_iterations = numberOf(name, typed)
    else changes[name] = typed === '' ? null : numberOf(name, typed)
  }
  if (edits.gates !== undefined && edits.gates !== run.gate_policy.mode) changes.gate_policy = edits.gates
  return changes
}

/** Digits, with either sign for the fraction: `1,5` is one and a half, `1,500.00` and `1e3` are not guessed at. */
export function numberOf(name: FieldName, typed: string): number {
  if (!/^-?\d+(?:[.,]\d+)?$/.test(typed)) throw new LimitError(name, 'must be a number')
  return Number(typed.replace(',', '.'))
}
