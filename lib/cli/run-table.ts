// Runs as rows: a table in a terminal, values between tabs for a program.
import { age, cost, projectName, shortId } from '#lib/client/format'
import type { RunSummary } from '#lib/contract/runs'
import type { Paint } from './colour.ts'
import { oneLine } from './harmless.ts'
import { paintStatus, whyHeld } from './run-lines.ts'
import { type Column, tableLines } from './table.ts'

/** Last, so that scripts that cut columns by number keep theirs. */
const WHY: Column = { title: 'WHY NOT AT WORK', flexible: true }

const COLUMNS: Column[] = [
  { title: 'RUN' },
  { title: 'STATUS' },
  { title: 'GOAL', flexible: true },
  { title: 'ITER', right: true },
  { title: 'FAILING', right: true },
  { title: 'COST', right: true },
  { title: 'AGE', right: true },
  { title: 'MODEL', flexible: true },
  { title: 'PROJECT', flexible: true },
]

export interface RunTableOptions {
  /** null: for a program. */
  width: number | null
  /** Neither where the lines are measured afterwards. */
  paint?: Paint
  link?: (runId: string, text: string) => string
}

export function runTable(runs: RunSummary[], { width, paint, link }: RunTableOptions): string[] {
  const isTerminal = width !== null
  // In a terminal there is no room for a column that says nothing.
  const columns = !isTerminal || runs.some(run => whyHeld(run) !== '') ? [...COLUMNS, WHY] : COLUMNS
  const rows = runs.map(run =>
    [...cellsOf(run, isTerminal), whyHeld(run)]
      .slice(0, columns.length)
      .map((text, i) => ({ text, paint: painterOf(run, i) })),
  )
  return tableLines(columns, rows, width)

  function painterOf(run: RunSummary, column: number) {
    return (text: string) => {
      if (column === 0 && link) return link(run.run_id, text)
      return column === 1 && paint ? paintStatus(paint, run.status, text) : text
    }
  }
}

function cellsOf(run: RunSummary, isTerminal: boolean): string[] {
  return [
    isTerminal ? shortId(run.run_id) : run.run_id,
    run.status,
    oneLine(run.goal),
    `${run.iteration}/${run.max_iterations}`,
    run.failing === null ? '' : `${run.failing}/${run.tests_total ?? '?'}`,
    run.scripted ? 'scripted' : cost(run.estimated_cost_usd),
    isTerminal ? age(Date.parse(run.created_at), Date.now()) : run.created_at,
    oneLine(run.model_name),
    oneLine(isTerminal ? projectName(run.cwd) : run.cwd),
  ]
}
