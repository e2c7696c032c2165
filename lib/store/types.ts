// What is stored, in the words of the contract; times are milliseconds since the epoch.

import type { CommandPolicy, StricterPolicy } from '#lib/contract/command-policy'
import type { RunEvent } from '#lib/contract/event'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import type { GateKind, Node, Outcome } from '#lib/contract/events/shared'
import type { GatePolicy, GatesSkipped } from '#lib/contract/gate-policy'
import type { Network } from '#lib/contract/network'
import type { ListEventsQuery } from '#lib/contract/run-history'
import type { FinalState, GoalPart, Protect, RunSort, RunStatus, SuccessCondition } from '#lib/contract/runs'
import type { CopyInto } from './backup.ts'

/** The request as resolved when the run was created; never changed afterwards. */
export interface RunRequest {
  goalName: string
  checkCommand: string | null
  checkTimeoutMs: number
  successCondition: SuccessCondition | null
  protect: Protect
  instructions: string | null
  /** What must hold, with everything resolved: from this the check is the same after a restart. */
  goals: GoalPart[]
  confirm: number
  noProgressIterations: number
  /** A model decides over at least one goal. */
  judged: boolean
  /** Of sandboxed commands. */
  network: Network
  /** What the project's own settings ask for and nobody granted. */
  networkWanted?: Network
  /** `off`: its commands run plainly, also where there is a sandbox. */
  sandbox: 'auto' | 'off'
  /** The trace the run was started within, as W3C Trace Context writes it. */
  traceparent?: string
  /** What the request says of commands, and what the project adds. */
  commandPolicy: CommandPolicy
  projectPolicy: StricterPolicy
  /** The project's `.retrai.yml` as it was read when the run was created; it is not read again. */
  config: StoredConfig | null
  /** The run that this one goes on from. */
  continues?: Continued
}

/** What a run takes over from the one that it goes on from. */
export interface Continued {
  runId: string
  /** Snapshot of that run's start: what tests and changes are held against. */
  base: string | null
  /** What was tried, for the agent. */
  summary: string
}

export interface StoredConfig {
  path: string
  sha256: string
  isAccepted: boolean
  /** What waits for a person to accept it; null where nothing of it runs a command without that. */
  text: string | null
  leftOut: string[]
}

export interface OpenGate {
  gateId: string
  iteration: number
  openedAt: number
  summary: string
  kind?: GateKind
}

/** One row per run: the request, the limits that may change, and the projection of the journal. */
export interface RunRecord {
  id: string
  goal: string
  cwd: string
  request: RunRequest
  caller: string
  scripted: boolean
  tags: string[]
  /** Higher first. */
  priority: number
  createdAt: number
  idempotency: { key: string; hash: string } | null

  modelName: string
  maxIterations: number
  gatePolicy: GatePolicy
  gatesSkipped: GatesSkipped
  maxCostUsd: number | null
  maxTokens: number | null
  maxMinutes: number | null

  status: RunStatus
  lastSeq: number
  phase: Node | null
  iteration: number
  failing: number | null
  testsTotal: number | null
  trend: number[]
  insertions: number | null
  deletions: number | null
  totalTokens: number
  costUsd: number | null
  outcome: Outcome | null
  reason: string | null
  error: string | null
  finalState: FinalState | null
  gate: OpenGate | null
  updatedAt: number
  endedAt: number | null
}

export interface GateRecord {
  id: string
  runId: string
  iteration: number
  summary: string
  diffHash: string | null
  openedAt: number
  decision: DecisionWord | null
  note: string | null
  decidedBy: string | null
  decidedAt: number | null
}

/** An event that the webhook has not taken yet. */
export interface Delivery {
  runId: string
  seq: number
  createdAt: number
}

/** New events of one run and the row that follows from them. */
export interface Append {
  events: RunEvent[]
  record: RunRecord
}

/** Which runs are meant. */
export interface RunSelection {
  status?: string[]
  goal?: string[]
  cwd?: string[]
  modelName?: string[]
  since?: number
  text?: string
}

export interface RunFilter extends RunSelection {
  limit: number
  /** Default: newest first. */
  sort?: RunSort
  /** The run the page before ended with, and what it was ordered by: runs further down in this order. */
  after?: { value: number | null; id: string }
}

/** What runs are counted by. */
export type RunDimension = 'status' | 'goal' | 'cwd' | 'modelName'

export type EventFilter = Pick<ListEventsQuery, 'after' | 'before' | 'iteration' | 'q'> & {
  kinds?: string[]
  limit: number
}

export interface Store {
  createRun(record: RunRecord): Promise<void>
  /** The run that was created with this key, if any. */
  findByIdempotencyKey(key: string): Promise<RunRecord | null>
  getRun(id: string): Promise<RunRecord | null>
  listRuns(filter: RunFilter): Promise<RunRecord[]>
  listUnfinished(): Promise<RunRecord[]>
  countByStatus(): Promise<Record<RunStatus, number>>
  /** How many of the runs that are meant have each value, the most frequent first. */
  countRuns(selection: RunSelection, by: RunDimension): Promise<{ value: string; count: number }[]>
  /**
   * Commits events, the rows that follow from them, and the gates they open or close, in one transaction: all or nothing.
   * Rejects with AppError('gate_decided') when a decision comes second.
   */
  commit(appends: Append[]): Promise<void>
  /** In order of seq; with `before`, the newest `limit` of those before it. */
  readEvents(runId: string, filter: EventFilter): Promise<RunEvent[]>
  getGate(id: string): Promise<GateRecord | null>
  /** The newest gate of a run. */
  latestGate(runId: string): Promise<GateRecord | null>
  listGates(filter: { open?: boolean; limit: number }): Promise<GateRecord[]>
  /** Keeps what a check found; the same id twice is one. `body`: compressed. */
  putEvidence(evidence: { runId: string; id: string; iteration: number; body: Buffer }): Promise<void>
  getEvidence(runId: string, id: string): Promise<Buffer | null>
  /** What the webhook has not taken yet, the oldest first. */
  listDeliveries(limit: number): Promise<Delivery[]>
  countDeliveries(): Promise<number>
  dropDelivery(delivery: Pick<Delivery, 'runId' | 'seq'>): Promise<void>
  /** Resolves with how many there were. */
  dropAllDeliveries(): Promise<number>
  /** Copies everything, as it is at the end of the copying, into an empty file, in small steps between the commits. */
  copyInto: CopyInto
  /** Writes and reads one value: for readiness. */
  ping(): Promise<void>
  close(): Promise<void>
}
