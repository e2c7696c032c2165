// The one place where server.ts hands what it built to Next's pages and route handlers. Next loads its own copy of
// every module, so module state would silently be double; globalThis is shared.
import type { Backup, BackupRequest } from './contract/backup.ts'
import type { DemoRequest } from './contract/demo.ts'
import type { FolderList } from './contract/folders.ts'
import type { Spend } from './contract/live.ts'
import type { RunStarted } from './contract/runs.ts'
import type { LogEntry, LogLevel, Readiness, ServerInfo } from './contract/server.ts'
import type { WebhookStatus, WebhookTest } from './contract/webhook.ts'
import type { Journal } from './events/types.ts'
import type { Models, ProviderChecks } from './models/model.ts'
import type { GoalService, Runs, StartOptions } from './runs/types.ts'

export interface Runtime {
  version: string
  /** Directory that requests without `cwd` mean. */
  defaultCwd: string
  /** How commands are run, for people: `off` is said loudly. */
  sandbox: { mode: string; note: string | null; detail: string; isRequired: boolean }
  runs: Runs
  /** Starts a run on a small project that comes with retrAI. Rejects as `runs.start` does. */
  startDemo(request: DemoRequest, options: StartOptions): Promise<RunStarted & { replayed: boolean }>
  goals: GoalService
  models: Models & ProviderChecks
  /** Folders to choose a project from; without a path around the usual directory. */
  listFolders(path?: string): Promise<FolderList>
  journal: Journal
  /** Takes secrets out of what does not come from the journal, such as the files of a project. */
  redact<T>(value: T): T
  /** Writes a copy of the database to a file; everything goes on meanwhile. */
  backup(request: BackupRequest, options?: { signal?: AbortSignal }): Promise<Backup>
  readiness(): Promise<Readiness>
  /** The newest entries of the log. */
  logs(options: { level: LogLevel; limit: number }): LogEntry[]
  /** What model calls cost since midnight. */
  spend(): Spend
  /** What the server is and how it is, for whoever looks after it. */
  info(): Promise<ServerInfo>
  /** Tells of gates and ends; null: nobody is to be told. */
  webhook: { status(): Promise<WebhookStatus>; test(): Promise<WebhookTest> } | null
  /** One line in the server's log, as JSON. */
  log(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

const KEY = Symbol.for('retrai.runtime')
type Holder = { [KEY]?: Runtime }

export function installRuntime(runtime: Runtime): void {
  ;(globalThis as Holder)[KEY] = runtime
}

/** Throws when the page or route runs without server.ts, e.g. during `next build`. */
export function runtime(): Runtime {
  const found = (globalThis as Holder)[KEY]
  if (!found)
    throw new Error('The runtime is not there: pages and routes only work behind server.ts (retrai serve)')
  return found
}
