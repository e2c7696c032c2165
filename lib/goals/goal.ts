// What a goal is. Adding one: a file beside this one, and its line in registry.ts.
import type { z } from 'zod'
import type { SuccessCondition } from '../contract/runs.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { CheckTests } from './check-tests.ts'
import type { ProjectAtStart } from './project-at-start.ts'

export interface GoalOptions {
  /** What the user typed as the goal: a registered name or any text. */
  text: string
  checkCommand: string | null
  successCondition: SuccessCondition | null
  timeoutMs: number
  /** `goal_options` as the goal's own schema returned them; `{}` for a goal without options. */
  settings: Readonly<Record<string, unknown>>
}

/** A number the check measured and holds against a target: seconds of a command, points of a judge. */
export interface Measurement {
  /** What was measured, e.g. `median of 5 runs`. */
  name: string
  value: number
  unit: 'ms' | 'points'
  target: number
  /** Whether lower or higher values are better. */
  better: 'lower' | 'higher'
  /** What the first check of the run measured; null before. */
  baseline: number | null
  samples: number[]
}

/** A program the check used. */
export interface UsedTool {
  name: string
  version: string
}

/** Something the code under test did to its test runner while it ran. */
export interface Tampering {
  /** The end of a sentence: `unittest.TestCase.assertEqual was replaced`. */
  what: string
  /** The file of the project that did it, relative to its root; null when that is not known. */
  file: string | null
  /** Of that file as it ran. */
  sha256: string | null
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
  measurement?: Measurement
  /** A model decided, not a program. */
  judged?: boolean
  /** Of a goal that consists of several: each by itself, in order. */
  parts?: (CheckResult & { goal: string })[]
  tools?: UsedTool[]
  /** What the code under test did to its runner; a green check that has any is looked at again. */
  tampering?: Tampering[]
}

/** What a goal that is judged by a model may look at, and how it asks. */
export interface Work {
  /** What the run changed so far, as a unified diff; null when there are no snapshots. */
  diff(): Promise<string | null>
  /** The last commands of the agent with their output, oldest first. */
  outputs: readonly { command: string; output: string; exitCode: number | null }[]
  /** Asks the run's model once, apart from the agent's conversation. Rejects as the model's calls do. */
  ask(question: Question): Promise<string>
}

export interface Question {
  system: string
  text: string
  /** What the answer is for, shown with its cost. */
  purpose: 'judge' | 'write_check'
}

/** A check that a model wrote: its files are put into the project's folder for the time of a check, and taken away after it. */
export interface WrittenCheck {
  command: string
  files: { path: string; content: string }[]
  /** What it checks, for the person who approves it. */
  explanation: string
}

export interface CheckContext {
  workspace: Workspace
  options: GoalOptions
  signal: AbortSignal
  onOutput?(chunk: string): void
  /**
   * The command that the first check of this run ran; null at that first check. A goal that looks for its tool must take
   * this one afterwards: what the agent installs meanwhile must not become the judge.
   */
  pinned?: string | null
  /** The measurement of the first check; null at that first check, or without one. */
  firstMeasurement?: Measurement | null
  /** What the first check ran and measured, for each part of a goal that consists of several. */
  firstParts?: { command: string; measurement: Measurement | null }[] | null
  /** What `writeCheck` came to; its files are in place. */
  written?: WrittenCheck | null
  /** null outside of a run. */
  work?: Work | null
}

/** A key of a JSON, TOML or INI file (by its name), kept as it was at the start. */
export interface ProtectedKey {
  /** Relative to the root; may be a glob. */
  file: string
  /** `['scripts', 'test']`, `['tool', 'pytest']`; of an INI file `['tool:pytest']`. */
  path: string[]
}

export interface Goal {
  name: string
  title: string
  description: string
  needsCommand: boolean
  /** `goal_options`: what can be set for this goal alone; every field has a default. null: nothing. */
  settings?: z.ZodType<Record<string, unknown>> | null
  /** Judged by a model: marked as such wherever its verdict is shown. */
  isJudged?: boolean
  /** Globs (picomatch) of what counts as the tests and their configuration. */
  protect(options: GoalOptions, workspace: Workspace, start: ProjectAtStart): Promise<string[]>
  /** Keys of files that also hold other things. */
  protectKeys?: ProtectedKey[]
  /**
   * For files that are the work and also hold tests: the current text with the tests of the start put in, or null where the
   * start had none. Default: what is known of the language, by the name of the file.
   */
  protectParts?(path: string, base: string, current: string): string | null
  /**
   * Globs of files that the check's tool reads without being asked, wherever they come from, also hidden by .gitignore: one
   * that the run added is taken away for the time of a check, like a change to a protected one.
   */
  governs?: string[]
  /** Names that must mean for the check what they meant at the start: `pytest` as a module, `vitest` as a package. */
  tool?: ToolIdentity
  /** A comment or setting in the code that silences a finding: `# type: ignore`. One pattern, matched per line, without flag g. */
  silences?: RegExp
  /** What the model is told about the goal and its check, once, in the first message. */
  prompt(options: GoalOptions): string
  /** Runs the check once, in a child process. Rejects only when aborted. Zero tests, or all skipped, is not achieved. */
  check(context: CheckContext): Promise<CheckResult>
  /** Writes the check out of the goal's words, where there is none; a person approves it before it counts. */
  writeCheck?(context: {
    options: GoalOptions
    workspace: Workspace
    work: Work
    signal: AbortSignal
  }): Promise<WrittenCheck>
  /** Why this goal fits the project; null when it does not. */
  detect?(workspace: Workspace): Promise<{ why: string; checkCommand?: string } | null>
}

/** What makes up the tool of a check, so that nothing else can take its place unseen. */
export interface ToolIdentity {
  /** Found in PATH, e.g. `pytest`, `cargo`. */
  programs?: string[]
  /** Python modules that are the tool: `pytest`, `_pytest`, `pluggy`. */
  pythonModules?: string[]
  /** npm packages that are the tool: `vitest`, `@vitest/*`. */
  npmPackages?: string[]
  /** Settings outside of the project that the tool reads, below the home directory: `.config/go/env`. */
  homeFiles?: string[]
}

export function defineGoal(goal: Goal): Goal {
  return goal
}
