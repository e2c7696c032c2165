// What is well with a server and what is not, each with what to do about it. Pure: the page and its text copy show the same.
import type { ModelInfo } from '../contract/models.ts'
import { UNTESTED_SANDBOX } from '../contract/sandbox-mode.ts'
import type { LogEntry, ServerInfo } from '../contract/server.ts'
import { bytes, count } from './format.ts'

export interface Finding {
  /** `off`: not there, and nothing is wrong with that. */
  state: 'ok' | 'warn' | 'bad' | 'off'
  name: string
  detail: string
}

/** Below this a long run, with its snapshots and outputs, can fill the disk. */
const LITTLE_DISK = 1_000_000_000
const LATE_MS = 200

export function findingsOf(server: ServerInfo): Finding[] {
  // What readiness says of sandbox and disk is said below, with what it means.
  const checks = server.readiness.checks
    .filter(({ name }) => name !== 'sandbox' && name !== 'disk')
    .map(
      ({ name, ok, detail, ms }): Finding => ({
        state: ok ? 'ok' : 'bad',
        name: NAMES[name] ?? name,
        detail: `${detail} (${ms} ms)`,
      }),
    )
  return [
    ...checks,
    storage(server),
    disk(server),
    git(server),
    sandbox(server),
    slots(server),
    lag(server),
    connected(server),
  ]
}

const NAMES: Record<string, string> = {
  database: 'Database',
  commands: 'Commands',
  accepting: 'Takes new runs',
}

function storage({ data_dir, data_dir_note, database_bytes, wal_bytes }: ServerInfo): Finding {
  if (data_dir_note !== null) return { state: 'warn', name: 'Data directory', detail: data_dir_note }
  const sizes = [
    database_bytes !== null && `${bytes(database_bytes)} of runs`,
    wal_bytes !== null && wal_bytes > 0 && `${bytes(wal_bytes)} not merged yet`,
  ]
  return { state: 'ok', name: 'Data directory', detail: [data_dir, ...sizes].filter(Boolean).join(' · ') }
}

function disk({ disk_free_bytes: free, readiness }: ServerInfo): Finding {
  const full = readiness.checks.find(({ name, ok }) => name === 'disk' && !ok)
  if (full) return { state: 'bad', name: 'Disk', detail: full.detail }
  if (free === null)
    return { state: 'warn', name: 'Disk', detail: 'The file system does not say how much is free' }
  const said = free >= 1_000_000_000 ? `${(free / 1_000_000_000).toFixed(0)} GB free` : `${bytes(free)} free`
  if (free >= LITTLE_DISK) return { state: 'ok', name: 'Disk', detail: said }
  return { state: 'warn', name: 'Disk', detail: `Only ${said}: runs hold when it is full. Free some space` }
}

function git({ git: version }: ServerInfo): Finding {
  if (version !== null) return { state: 'ok', name: 'git', detail: version }
  const detail = 'Not found: without it there are no diffs, and tests are not protected. Install git'
  return { state: 'bad', name: 'git', detail }
}

function sandbox({ sandbox: { mode, detail } }: ServerInfo): Finding {
  if (mode === UNTESTED_SANDBOX) return { state: 'warn', name: 'Sandbox', detail }
  if (mode !== 'off') return { state: 'ok', name: 'Sandbox', detail }
  return {
    state: 'warn',
    name: 'Sandbox',
    detail: `Commands of runs are not sandboxed: they can do what the server’s user can. ${detail}`,
  }
}

function slots({ running, queued, max_parallel, max_queued }: ServerInfo): Finding {
  const detail = `${running} of ${max_parallel} slots taken, ${queued} of ${max_queued} places in line`
  if (queued === 0) return { state: 'ok', name: 'Slots', detail }
  return {
    state: queued >= max_queued ? 'bad' : 'warn',
    name: 'Slots',
    detail: `${detail}. More at once: start the server with --max-parallel`,
  }
}

function lag({ lag_ms, lag_p99_ms }: ServerInfo): Finding {
  const said = `${lag_ms} ms late just now, ${lag_p99_ms} ms at most in 99 of 100 turns of the last minute`
  if (Math.max(lag_ms, lag_p99_ms) < LATE_MS) return { state: 'ok', name: 'Answers in time', detail: said }
  const detail = `${said}: the machine is busy, fewer runs at once (--max-parallel) may help`
  return { state: 'warn', name: 'Answers in time', detail }
}

function connected({ sockets, event_streams }: ServerInfo): Finding {
  const detail = `${count(sockets, 'socket')}, ${count(event_streams, 'event stream')}`
  return { state: 'ok', name: 'Connections', detail }
}

export interface ProviderFinding extends Finding {
  models: ModelInfo[]
}

/** Who could be asked, and why not. A provider without a key is no fault: one is enough. */
export function providersOf(models: readonly ModelInfo[]): ProviderFinding[] {
  const names = [...new Set(models.map(model => model.provider))]
  const isServed = models.some(model => model.available && !model.scripted)
  return names.map(name => {
    const own = models.filter(model => model.provider === name)
    const ready = own.filter(model => model.available)
    const why = own.find(model => model.why_not !== null)?.why_not
    const isNoModel = ready.length > 0 && ready.every(model => model.scripted)
    return {
      state: ready.length > 0 ? 'ok' : isServed ? 'off' : 'warn',
      name,
      detail:
        ready.length === 0
          ? (why ?? 'not set up')
          : isNoModel
            ? `${count(ready.length, 'recorded conversation')}, no key needed`
            : `${count(ready.length, 'model')} ready, its key is there or not needed`,
      models: own,
    }
  })
}

const DIAGNOSTIC_ENTRIES = 20

/** Everything as text, for a report. No keys and tokens are in it, because none are in what it is made of. */
export function diagnostics(
  server: ServerInfo,
  models: readonly ModelInfo[],
  log: readonly LogEntry[] = [],
): string {
  const lines = [...findingsOf(server), ...providersOf(models)].map(
    ({ state, name, detail }) => `${SIGNS[state]} ${name}: ${detail}`,
  )
  const head = `retrAI ${server.version}, Node ${server.node}, ${server.platform}, ${server.readiness.ready ? 'ready' : 'not ready'}`
  const warnings = log
    .filter(({ level }) => level !== 'info')
    .slice(0, DIAGNOSTIC_ENTRIES)
    .map(({ time, level, message, data }) => `${time} ${level} ${message} ${JSON.stringify(data)}`)
  return [
    head,
    `up since ${server.started_at}, memory ${bytes(server.memory_bytes)}`,
    ...lines,
    ...(warnings.length > 0 ? ['', 'Newest warnings and errors of the log:', ...warnings] : []),
    '',
  ].join('\n')
}

const SIGNS: Record<Finding['state'], string> = { ok: '✓', warn: '!', bad: '✗', off: '–' }
