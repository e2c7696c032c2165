// A sandbox that was found on this machine, before anybody relies on it; see probe.ts.
import type { Spawner } from '../spawner.ts'
import type { Sandbox } from './sandbox.ts'

export interface Candidate {
  mode: 'bwrap' | 'seatbelt'
  /** For people, with its version where it has one. */
  name: string
  /** For people, what they should know before they rely on it; null: nothing. */
  note: string | null
  sandbox: Sandbox
  /** What must hold, and the test of it, as the command itself makes it. */
  assertions: [name: string, test: string][]
  /** Of the command, besides what all have. */
  env: Record<string, string>
  /** Why it cannot be started here, for people, with what to do. */
  explain(problem: string): string
}

export interface FindOptions {
  spawner: Pick<Spawner, 'run'>
  dataDir: string
  /** As commands get it. */
  env: Record<string, string>
  /** Further places that commands may read. */
  readable?: string[]
}

/** Or why there is none, in a sentence that says what to do. */
export type FindCandidate = (options: FindOptions) => Promise<Candidate | { why: string }>
