// Rows of the runs list as files: CSV for spreadsheets, NDJSON for programs.
import type { RunSummary } from '../contract/runs.ts'

const COLUMNS = [
  'run_id',
  'goal',
  'status',
  'outcome',
  'reason',
  'cwd',
  'model_name',
  'iteration',
  'max_iterations',
  'failing',
  'tests_total',
  'insertions',
  'deletions',
  'total_tokens',
  'estimated_cost_usd',
  'created_at',
  'ended_at',
] as const satisfies readonly (keyof RunSummary)[]

export function runsAsCsv(runs: readonly RunSummary[]): string {
  const rows = [COLUMNS, ...runs.map(run => COLUMNS.map(name => run[name]))]
  return rows.map(cells => `${cells.map(cell).join(',')}\r\n`).join('')
}

export const runsAsNdjson = (runs: readonly RunSummary[]): string =>
  runs.map(run => `${JSON.stringify(run)}\n`).join('')

/** A text that a spreadsheet would take for a formula is kept from being one: goals and reasons are written by others. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
