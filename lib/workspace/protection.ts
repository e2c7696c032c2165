// What belongs to a check, and how a change of it is told.
import type { Flag } from '../contract/events/shared.ts'
import type { Version } from './swapped-files.ts'
import type { Workspace } from './workspace.ts'

export interface ProtectedKey {
  /** A JSON, TOML or INI file, relative to the root; may be a glob. */
  file: string
  /** Of an INI file the name of a section. */
  path: string[]
}

/** What belongs to the check, and so must be as it was at the start. */
export interface Protection {
  /** Globs (picomatch), relative to the root; those with a ! allow changes. */
  patterns: string[]
  /** Globs of files that a tool reads by their name alone: one that the run added is taken away. */
  governs?: string[]
  keys: ProtectedKey[]
  /** A file that is the work and also holds tests: its text with the tests from the start; null when there are none in it. */
  parts?(path: string, base: string, current: string): string | null
  /** Of files the run added to protected folders: which take the place of something else, and in what words. */
  shadows?(added: string[]): Promise<{ path: string; detail: string }[]>
  /** What a change did to a test; `current` is null when it was deleted. */
  inspect?(path: string, base: string, current: string | null): Flag[]
  /** Files that take part in the check and may be the work: that they changed is only said. */
  mentioned?: string[]
}

export interface ProtectedFilesOptions<T> extends Protection {
  workspace: Workspace
  /** Snapshot at the start of the run. */
  baseTree: string
  currentTree: string
  /** `report`: only say what changed. `enforce`: also run with the versions from the start. */
  mode: 'off' | 'report' | 'enforce'
  /** Where the agent's versions are while others are in place; the same as for `restoreInterrupted`. */
  stateDir: string
  /** The first check of the run, before which nothing was changed: what no snapshot holds is noted. */
  isFirst?: boolean
  run(): Promise<T>
}

/** version null: it is only said. */
export interface Changed {
  flags: Flag[]
  version: Version | null
}

export function consequence(mode: 'off' | 'report' | 'enforce'): string {
  return mode === 'enforce'
    ? 'the check ran with the version from the start.'
    : 'the check ran with it as it is now.'
}
