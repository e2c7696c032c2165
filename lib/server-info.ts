// What /api/server and the page about health say of the process: facts for whoever looks after it, and no secrets.
import { stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { Spend } from '#lib/contract/live'
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
  connections(): { sockets: number; streams: number }
  spend(): Spend
  /** null until it listens. */
  address(): string | null
}

export function createServerInfo(parts: ServerInfoParts): () => Promise<ServerInfo> {
  const lagP99 = watchLag()
  const { config, sandbox } = parts
  const startedAt = new Date(Date.now() - process.uptime() * 1000)
  const sizeOf = (name: string) =>
    stat(path.join(config.dataDir, name)).then(
      found => found.size,
      () => null, // not there, or not to be looked at: then its size is not known
    )
  return async () => {
    const { active, waiting } = parts.queue()
    const connections = parts.connections()
    const spend = parts.spend()
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
      lag_p99_ms: lagP99(),
      sockets: connections.sockets,
      event_streams: connections.streams,
      spent_today_usd: spend.usd,
      spent_since: spend.since,
      unpriced_calls_today: spend.unpriced_calls,
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

const LAG_WINDOW_MS = 60_000

/** How late the event loop was, of the last minute: the one before is kept until the next is full. */
function watchLag(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: 20 })
  histogram.enable()
  let before = 0
  const p99 = () => (histogram.count === 0 ? 0 : histogram.percentile(99) / 1e6)
  setInterval(() => {
    before = p99()
    histogram.reset()
  }, LAG_WINDOW_MS).unref()
  // It measures its own period as well.
  return () => Math.max(0, Math.round((Math.max(before, p99()) - 20) * 10) / 10)
}

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
