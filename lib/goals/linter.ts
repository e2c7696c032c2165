// What a linter or type checker is for the goals that check with one.
import type { Workspace } from '../workspace/workspace.ts'
import { baseName, withoutLaunchers } from './command-line.ts'
import type { Tool } from './find-tool.ts'
import type { ToolIdentity } from './goal.ts'
import type { LintFormat } from './lint-reader.ts'

export interface Linter {
  /** As it is spoken of. */
  name: string
  tool: Tool
  /** What follows the program when the user gives no command. */
  args(workspace: Workspace): Promise<string>
  /** Whether a call of `program` is one of this linter that can be made to report. */
  isCall(program: string, args: string[]): boolean
  /** Options for a report; `file` is where it goes when the tool writes files, `folder` for what it would keep in the project. */
  options(where: { file: string; folder: string }, args: string[]): string
  /** Where the report comes from. `shown`: what it prints is for people too. */
  report: 'file' | 'stdout' | 'shown'
  format: LintFormat
  /** What it prints where there is nothing to check, when its report does not say so. */
  nothing?: RegExp
  /** What to do then; default: to look at its configuration. */
  advice?: string
  env?: Record<string, string>
  /** Why it fits the project; null when the project does not configure it. */
  configuredBy(workspace: Workspace): Promise<string | null>
  /** How it is installed in this project. */
  missing(workspace: Workspace): Promise<string>
  /** Findings about the tool's own configuration: it could not do its work. */
  isOwnProblem?(finding: { file: string; rule: string }): boolean
  /** Globs of its configuration, which it reads without being asked. */
  configs: string[]
  keys?: { file: string; path: string[] }[]
  identity: ToolIdentity
  silences: RegExp
}

/** The program of a call and what it is given: `pnpm eslint .`, `uv run mypy .` and `python -m mypy .` too. */
export function programOf(call: string[]): { program: string; args: string[] } {
  const [first = '', ...rest] = withoutLaunchers(call)
  const name = baseName(first)
  if (['npm', 'pnpm', 'yarn', 'bun'].includes(name)) {
    const [second = '', ...args] = rest[0] === 'run' ? rest.slice(1) : rest
    return { program: baseName(second), args }
  }
  if (/^python[\d.]*$/.test(name) && rest[0] === '-m') return { program: rest[1] ?? '', args: rest.slice(2) }
  return { program: name, args: rest }
}
