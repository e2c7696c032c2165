// The folder of a run, as tools, goals and the loop see it.
import type { DiffStat } from '../contract/events/shared.ts'

export interface RunCommand {
  /** Given to `bash -c` (sh where bash is missing). */
  command: string
  /** Relative to the root; default the root. */
  cwd?: string
  /** Added to the allow-listed environment. */
  env?: Record<string, string>
  timeoutMs: number
  signal?: AbortSignal
  /** Called with output as it comes, a few times a second; of a flood only the latest is passed on, saying so. */
  onOutput?(chunk: string): void
  /**
   * A program of ours that only looks, and executes nothing of the project: it runs outside the sandbox, where it finds
   * the server's own files.
   */
  isOurs?: boolean
  /** Files of ours that the command needs, to be read in its sandbox, and folders of ours that it may write. */
  reads?: string[]
  writes?: string[]
  /** Folders in the system's temporary one that the command makes and removes itself. */
  temporary?: string[]
  /** Bytes of output kept, head and tail; default 1 MiB. */
  keepBytes?: number
}

export interface CommandResult {
  /** null when a signal ended it. */
  exitCode: number | null
  signal: string | null
  timedOut: boolean
  /** stdout and stderr together, in order; where it was cut, a line in the middle says how much is missing. */
  output: string
  /** True size in bytes. */
  bytes: number
  truncated: boolean
  durationMs: number
}

export interface Diff {
  stat: DiffStat
  /** Unified diff. */
  patch: string
  truncated: boolean
}

/** A file that differs between two snapshots; a renamed one is deleted and added. */
export interface FileChange {
  path: string
  status: 'added' | 'modified' | 'deleted'
  /** As git writes it, in the older snapshot: `100644`, `100755`, `120000` for a symbolic link, `000000` when added. */
  mode: string
}

/** `blob`: what `git hash-object` prints for it. */
export interface SnapshotFile {
  path: string
  mode: string
  blob: string
}

/** What came of putting a folder back to an earlier snapshot. */
export interface Restored {
  /** Snapshot afterwards. */
  tree: string | null
  /** Paths that are as the earlier snapshot has them. */
  restored: string[]
  /** Paths that could not be put back, or were changed meanwhile. */
  left: string[]
}

export interface Workspace {
  /** Absolute, symlinks resolved. */
  readonly root: string
  /** The absolute path of a path inside the folder; throws AppError('invalid') when it leads outside, links followed. */
  resolve(path: string): Promise<string>
  /**
   * Runs a command to its end. Never rejects because the command failed, timed out or could not start (then exit code
   * 127 with the reason as output); rejects with the signal's reason when aborted, after everything it started is dead:
   * children that left the process group or were orphaned included. Rejects with AppError('stopping') when the server
   * ends meanwhile: that is no result of the command. What a command leaves in the background is killed
   * when it ends.
   */
  run(command: RunCommand): Promise<CommandResult>
  /**
   * A snapshot of all files (ignored and dependency folders left out) as a git tree id, kept outside the project and
   * without touching its repository. null when git is not installed or the folder is too large (`snapshotProblem` says why).
   */
  snapshot(signal?: AbortSignal): Promise<string | null>
  readonly snapshotProblem: string | null
  /** What changed from one snapshot to another. */
  diff(from: string, to: string, options?: { maxPatchBytes?: number; signal?: AbortSignal }): Promise<Diff>
  /** Every file that differs, however many. */
  changes(from: string, to: string, signal?: AbortSignal): Promise<FileChange[]>
  /** Every file of a snapshot, with the name that git gives its content. */
  filesIn(tree: string, signal?: AbortSignal): Promise<SnapshotFile[]>
  /** Writes the files of a snapshot into an empty folder. */
  checkOut(tree: string, folder: string, signal?: AbortSignal): Promise<void>
  /**
   * Puts back what differs between two snapshots: `from` is how the folder is, `to` how it was. Nothing that snapshots leave out is
   * touched, nor what somebody changed since `from`. Safe to do again after it broke off; rejects with AppError('disk_full').
   */
  restore(from: string, to: string, signal?: AbortSignal): Promise<Restored>
  /** A file's content in a snapshot; null when it is not in it. */
  fileAt(tree: string, path: string): Promise<Buffer | null>
}
