// What the API, the sockets and the pages may ask of the runs; runs.ts implements it.
import type { z } from 'zod'
import type { RunEvent } from '../contract/event.ts'
import type { Evidence, Verification } from '../contract/evidence.ts'
import type { Decision, Gate, Resume } from '../contract/gates.ts'
import type { CheckGoal, CheckReport, GoalCandidate, GoalInfo, ProjectSettings } from '../contract/goals.ts'
import type { DiffQuery, Iteration, ListEventsQuery, RunDiff } from '../contract/run-history.ts'
import type {
  CountRunsQuery,
  ListRunsQuery,
  Rerun,
  Run,
  RunConfig,
  RunCounts,
  RunStarted,
  RunStatus,
  RunSummary,
  StartRun,
} from '../contract/runs.ts'

/** Where a request came from: `dashboard`, `cli` or `api`. Recorded with decisions. */
export type Caller = string

export interface StartOptions {
  caller: Caller
  idempotencyKey?: string | undefined
  /** W3C Trace Context: the trace the run belongs to. */
  traceparent?: string | undefined
}

export interface Runs {
  /** Rejects with AppError('invalid') when the run could not work; then nothing was started or stored. */
  start(request: StartRun, options: StartOptions): Promise<RunStarted & { replayed: boolean }>
  list(query: ListRunsQuery): Promise<{ runs: RunSummary[]; nextCursor: string | null }>
  countByStatus(): Promise<Record<RunStatus, number>>
  count(query: CountRunsQuery): Promise<RunCounts>
  /** The methods below reject with AppError('run_not_found') for an unknown id. */
  get(runId: string): Promise<Run>
  /** Starts a run like this one, with changes. Rejects as `start` does. */
  rerun(runId: string, changes: Rerun, options: StartOptions): Promise<RunStarted & { replayed: boolean }>
  /** Resolves when the status differs from `from`, else from what it was at the call, or after `seconds`. */
  waitForChange(runId: string, seconds: number, signal: AbortSignal, from?: RunStatus): Promise<Run>
  events(runId: string, query: ListEventsQuery): Promise<RunEvent[]>
  iterations(runId: string): Promise<Iteration[]>
  diff(runId: string, options: DiffQuery): Promise<RunDiff | null>
  /** Rejects with AppError('not_found') when no check of the run left any. */
  evidence(runId: string, options: { iteration?: number }): Promise<Evidence>
  /** Runs the check again, in the run's directory or another, and compares with the evidence. */
  verify(
    runId: string,
    options: { cwd?: string; checkout?: boolean; signal: AbortSignal },
  ): Promise<Verification>
  gates(query: { status?: 'open' | 'decided' }): Promise<Gate[]>
  resume(runId: string, request: Resume, caller: Caller): Promise<Decision>
  /** Resolves once everything the run started is gone and `run_end` is stored. */
  abort(runId: string, options: { caller: Caller; reason?: string }): Promise<Run>
  configure(runId: string, changes: RunConfig, caller: Caller): Promise<Run>
  addNote(runId: string, text: string, caller: Caller): Promise<{ seq: number }>
  /** Called after each change of a run, with its new summary. Returns the way to stop listening. */
  onChange(listener: (summary: RunSummary) => void): () => void
}

export interface GoalService {
  list(): GoalInfo[]
  detect(cwd: string | undefined): Promise<{
    cwd: string
    git: boolean
    candidates: GoalCandidate[]
    config: ProjectSettings | null
  }>
  /** Rejects with AppError('invalid') when the file is another one. */
  acceptConfig(request: { cwd?: string; sha256: string }, caller: Caller): Promise<ProjectSettings>
  /** Rejects with AppError('config_not_accepted') where settings decide that nobody has accepted. */
  check(request: z.infer<typeof CheckGoal>, caller: Caller, signal: AbortSignal): Promise<CheckReport>
}
