import { z } from 'zod'
import { endpoint } from './endpoint.ts'
import { time } from './runs.ts'
import { SANDBOX_MODE } from './sandbox-mode.ts'

export const Health = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Health' })

export const getHealth = endpoint({
  id: 'getHealth',
  method: 'GET',
  path: '/healthz',
  tag: 'server',
  summary: 'The process answers; touches nothing',
  response: Health,
  direct: true,
})

export const Readiness = z
  .object({
    ready: z.boolean(),
    version: z.string(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string(), ms: z.number() })),
  })
  .meta({ id: 'Readiness' })
export type Readiness = z.infer<typeof Readiness>

export const getReadiness = endpoint({
  id: 'getReadiness',
  method: 'GET',
  path: '/readyz',
  tag: 'server',
  summary: 'Whether runs can be taken: database, disk, command helper, draining',
  response: Readiness,
  alsoAnswers: [[503, 'Not ready: the check that failed says why']],
  direct: true,
})

export const getMetrics = endpoint({
  id: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  tag: 'server',
  summary: 'Counters and durations for Prometheus, all beginning with retrai_',
  response: z.string(),
  produces: 'text/plain',
  direct: true,
})

export const ServerInfo = z
  .object({
    version: z.string(),
    node: z.string(),
    platform: z.string(),
    started_at: time,
    address: z.string().nullable().meta({ description: 'Where it listens' }),
    needs_token: z.boolean(),
    default_cwd: z.string(),
    allowed_roots: z
      .array(z.string())
      .nullable()
      .meta({ description: 'Runs work only in and below these; null: wherever a project may be' }),
    data_dir: z.string(),
    data_dir_note: z.string().nullable().meta({ description: 'Why it is not the usual one' }),
    database_bytes: z.int().nullable(),
    wal_bytes: z.int().nullable(),
    disk_free_bytes: z.int().nullable(),
    git: z.string().nullable().meta({ description: 'Its version; null: not found, so there are no diffs' }),
    sandbox: z.object({
      mode: z.string().meta({ description: SANDBOX_MODE }),
      detail: z.string(),
      required: z.boolean(),
    }),
    max_parallel: z.int(),
    max_queued: z.int(),
    running: z.int(),
    queued: z.int(),
    lag_ms: z.number().meta({ description: 'By how much a timer came late just now' }),
    lag_p99_ms: z.number().meta({
      description:
        'Of a hundred turns of the event loop in the last minute, how late all but one were at most',
    }),
    sockets: z.int().meta({ description: 'WebSocket and socket.io connections' }),
    event_streams: z.int().meta({ description: 'Of server-sent events' }),
    spent_today_usd: z
      .number()
      .meta({ description: 'By model calls since midnight where the server is, as far as prices are known' }),
    spent_since: time.meta({ description: 'That midnight' }),
    unpriced_calls_today: z.int().meta({ description: 'Model calls since then whose price is not known' }),
    memory_bytes: z.int(),
    readiness: Readiness,
  })
  .meta({ id: 'ServerInfo' })
export type ServerInfo = z.infer<typeof ServerInfo>

export const getServer = endpoint({
  id: 'getServer',
  method: 'GET',
  path: '/api/server',
  tag: 'server',
  summary: 'What this server is, where it keeps its data, what it may do, and how it is',
  response: ServerInfo,
})

export const LogLevel = z.enum(['info', 'warn', 'error'])
export type LogLevel = z.infer<typeof LogLevel>

export const LogEntry = z
  .object({
    time: z.string(),
    level: LogLevel,
    message: z.string(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'LogEntry' })
export type LogEntry = z.infer<typeof LogEntry>

export const listLogs = endpoint({
  id: 'listLogs',
  method: 'GET',
  path: '/api/logs',
  tag: 'server',
  summary: 'The newest entries of the log since the server started, newest first; secrets are taken out',
  query: z.strictObject({
    level: LogLevel.default('info').meta({ description: 'Of this level and above' }),
    limit: z.coerce.number().int().min(1).max(200).default(200),
  }),
  response: z.array(LogEntry),
  errors: ['bad_query'],
})

export const getOpenapi = endpoint({
  id: 'getOpenapi',
  method: 'GET',
  path: '/api/openapi.json',
  tag: 'server',
  summary: 'This document',
  response: z.record(z.string(), z.unknown()),
})
