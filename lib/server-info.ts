// What /api/server and the page about health say of the process: facts for whoever looks after it, and no secrets.
import { stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Readiness, ServerInfo } from '#lib/contract/server'
import type { Spawner } from '#lib/workspace/spawner'
import type { Config } from './config.ts'

const LAG_PROBE_MS = 20

export interface ServerInfoParts {
  version: string
  config: Pick<
    Config,
    'token' | 'dataDir' | 'dataDirNote' | 'defaultCwd' | 'allowedRoots' | 'maxParallel' | 'maxQueued'
  >
  spawner: Pick<Spawner, 'run'>
  sandbox: { mode: string; detail: string; isRequired: boolean }
  queue(): { active: number; waiting: number }
  readiness(): Promise<Readiness>
  /** null until it listens. */
  address(): string | null
}

export function createServerInfo(parts: ServerInfoParts): () => Promise<ServerInfo> {
  const { config, sandbox } = parts
  const startedAt = new Date(Date.now() - process.uptime() * 1000)
  const sizeOf = (name: string) =>
    stat(path.join(config.dataDir, name)).then(
      found => found.size,
      () => null, // not there, or not to be looked at: then its size is not known
    )
  return async () => {
    const { active, waiting } = parts.queue()
    const [readiness, database, wal, free, git, lag] = await Promise.all([
      parts.readiness(),
      sizeOf('retrai.db'),
      sizeOf('retrai.db-wal'),
      freeBytes(config.dataDir),
      gitVersion(parts.spawner),
      measureLag(),
    ])
    return {
      version: parts.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      started_at: `${startedAt.toISOString().slice(0, 19)}Z`,
      address: parts.address(),
      needs_token: config.token !== null,
      default_cwd: config.defaultCwd,
      allowed_roots: config.allowedRoots,
      data_dir: config.dataDir,
      data_dir_note: config.dataDirNote,
      database_bytes: database,
      wal_bytes: wal,
      disk_free_bytes: free,
      git,
      sandbox: { mode: sandbox.mode, detail: sandbox.detail, required: sandbox.isRequired },
      max_parallel: config.maxParallel,
      max_queued: config.maxQueued,
      running: active,
      queued: waiting,
      lag_ms: lag,
      memory_bytes: process.memoryUsage.rss(),
      readiness,
    }
  }
}

const freeBytes = (folder: string) =>
  statfs(folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null, // some file systems do not say
  )

/** By how much the event loop is late: what waits for it waits as long. */
async function measureLag(): Promise<number> {
  const started = performance.now()
  await pause(LAG_PROBE_MS)
  return Math.max(0, Math.round((performance.now() - started - LAG_PROBE_MS) * 10) / 10)
}

async function gitVersion(spawner: Pick<Spawner, 'run'>): Promise<string | null> {
  const { out, exitCode } = await spawner.run({
    argv: ['git', '--version'],
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    timeoutMs: 5000,
    headBytes: 200,
    tailBytes: 0,
  })
  return exitCode === 0
    ? Buffer.from(out.head)
        .toString()
        .trim()
        .replace(/^git version /, '')
    : null
}
