// What a goal is. Adding one: a file beside this one, and its line in registry.ts.
import type { SuccessCondition } from '../contract/runs.ts'
import type { Workspace } from '../workspace/workspace.ts'

export interface GoalOptions {
  /** What the user typed as the goal: a registered name or any text. */
  text: string
  checkCommand: string | null
  successCondition: SuccessCondition | null
  timeoutMs: number
}

export interface CheckTests {
  passed: number
  failed: number
  skipped: number
  total: number
  /** Stable names, e.g. `tests/test_cart.py::test_total`, the same from one check to the next. */
  failing: string[]
}

export interface CheckResult {
  achieved: boolean
  /** A sentence of facts: `All 42 tests passed`, `3 of 42 tests failing`. */
  reason: string
  /** As a person would type it. */
  command: string
  exitCode: number | null
  durationMs: number
  /** Output, head and tail. */
  output: string
  truncated: boolean
  bytes: number
  /** null where the check gives only an exit code. */
  tests: CheckTests | null
  /** The check itself cannot run (command not found, no tests at all, no package.json): `reason` says what to do. */
  broken: boolean
}

export interface CheckContext {
  workspace: Workspace
  options: GoalOptions
  signal: AbortSignal
  onOutput?(chunk: string): void
}

export interface Goal {
  name: string
  title: string
  description: string
  needsCommand: boolean
  /** Globs (picomatch) of what counts as the tests and their configuration. */
  protect(options: GoalOptions, workspace: Workspace): Promise<string[]>
  /** Keys of JSON files that are kept as they were at the start, e.g. package.json's test scripts. */
  protectKeys?: { file: string; path: string[] }[]
  /** What the model is told about the goal and its check, once, in the first message. */
  prompt(options: GoalOptions): string
  /** Runs the check once, in a child process. Rejects only when aborted. Zero tests, or all skipped, is not achieved. */
  check(context: CheckContext): Promise<CheckResult>
  /** Why this goal fits the project; null when it does not. */
  detect?(workspace: Workspace): Promise<{ why: string; checkCommand?: string } | null>
}

export function defineGoal(goal: Goal): Goal {
  return goal
}
