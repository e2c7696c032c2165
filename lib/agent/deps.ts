// What the loop needs from outside. Tests pass literals; create-runtime passes the real parts.
import type { NewEphemeral, NewEvent } from '#lib/contract/event'
import type { AskedConfig } from '#lib/contract/events/human-check-required'
import type { GateMode } from '#lib/contract/gate-policy'
import type { Goal, GoalOptions } from '#lib/goals/goal'
import type { Model } from '#lib/models/model'
import type { Answer } from '#lib/policy/decide'
import type { Tool } from '#lib/tools/tool'
import type { Verdict } from '#lib/verdict/judge'
import type { SensitiveWatch } from '#lib/workspace/sensitive-watch'
import type { Workspace } from '#lib/workspace/workspace'
import type { Briefing } from './prompt.ts'
import type { RunState } from './state.ts'

/** Read anew before each step, because people change them while a run lives. */
export interface Limits {
  maxIterations: number
  maxCostUsd: number | null
  maxTokens: number | null
  maxMinutes: number | null
  gates: GateMode
}

export interface AgentDeps {
  /** Folded from the journal; every event that `emit` stores has been taken into it when `emit` resolves. */
  state: RunState
  briefing: Briefing
  goal: Goal
  goalOptions: GoalOptions
  tools: Tool[]
  workspace: Workspace
  limits(): Limits
  /** The model to ask now; its name may change during a run. */
  model(): Model
  /** Runs the goal's check outside the model, with the protected files as they were at the start. */
  judge(signal: AbortSignal, onOutput: (chunk: string) => void): Promise<Verdict>
  /** What is done with a command of the agent: run, asked about, refused. */
  answerTo(command: string, cwd: string | undefined): Answer
  /** Settings of the project that wait for a person before anything is run; null when none do. */
  askedConfig: AskedConfig | null
  /** Files that other programs obey, and what has become of them since it last looked. */
  sensitive: SensitiveWatch
  /** Stores events; rejects when they could not be stored, and then nothing may be done on their account. */
  emit(events: NewEvent[]): Promise<void>
  /** Live output for those who watch; not stored. */
  publish(event: NewEphemeral): void
  /** Everything that runs has to end now. */
  signal: AbortSignal
  /** Nothing more may begin; a command or check that runs may come to its end. Aborted before or with `signal`. */
  draining: AbortSignal
  /** Milliseconds, never going back. */
  clock(): number
  /** Milliseconds worked on the run so far, without gates, pauses and waiting for a slot; never going back. */
  activeMs(): number
  /** Seconds since the epoch. */
  wallClock(): number
  newId(): string
}
