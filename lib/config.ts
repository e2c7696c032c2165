// Environment → Config, parsed once. The only reader of process.env.
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parse as parseYaml } from 'yaml'
import { z } from 'zod'
import { CommandPolicy } from './contract/command-policy.ts'
import type { Network } from './contract/network.ts'
import { parseNetwork } from './contract/network-schema.ts'
import { LIMITS } from './limits.ts'
import { isSecret, secretsOfEnvironment } from './redaction/secret-values.ts'

/** A name and a password in an address would be shown wherever the address is, and no request with them is sent. */
const withoutLogin = (schema: z.ZodURL) =>
  schema.refine(address => {
    // What is no address at all is refused by its schema.
    const parts = URL.canParse(address) ? new URL(address) : null
    return !parts || (parts.username === '' && parts.password === '')
  }, 'must not hold a user name or password')

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess(
    value => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    schema.optional(),
  )

const Environment = z.object({
  NODE_ENV: z.string().optional(),
  PORT: optional(z.coerce.number('must be a number').int().min(0).max(65_535, 'must be 0 to 65535')),
  HOST: optional(z.string()),
  RETRAI_DATA_DIR: optional(z.string()),
  RETRAI_TOKEN: optional(z.string().min(16, 'must have at least 16 characters')),
  RETRAI_CWD: optional(z.string()),
  RETRAI_ALLOWED_HOSTS: optional(z.string()),
  RETRAI_ALLOWED_ROOTS: optional(z.string()),
  RETRAI_MAX_PARALLEL: optional(z.coerce.number().int().min(1).max(64)),
  RETRAI_MAX_QUEUED: optional(z.coerce.number().int().min(0).max(10_000)),
  RETRAI_DRAIN_SECONDS: optional(z.coerce.number().min(0).max(10)),
  RETRAI_MODEL_PATIENCE_SECONDS: optional(z.coerce.number().min(0).max(86_400)),
  RETRAI_MODEL_BACKOFF_MS: optional(z.coerce.number().min(1).max(60_000)),
  RETRAI_MODEL_IDLE_SECONDS: optional(z.coerce.number().min(0.1).max(3_600)),
  RETRAI_SCRIPTS_DIR: optional(z.string()),
  RETRAI_ALLOW_ENV_FILES: optional(z.enum(['0', '1'], 'must be 1 or 0')),
  RETRAI_SANDBOX: optional(z.enum(['auto', 'require', 'off'], 'must be auto, require or off')),
  RETRAI_SANDBOX_READ: optional(z.string()),
  RETRAI_COMMAND_POLICY: optional(z.string()),
  RETRAI_NETWORK: optional(z.string()),
  RETRAI_WEBHOOK_URL: optional(
    withoutLogin(z.url({ protocol: /^https?$/, error: 'must be an http(s) address' })),
  ),
  RETRAI_WEBHOOK_SECRET: optional(z.string().min(16, 'must have at least 16 characters')),
  RETRAI_PUBLIC_URL: optional(z.url({ protocol: /^https?$/, error: 'must be an http(s) address' })),
  RETRAI_ALLOW_NETWORK_FS: optional(z.enum(['0', '1'], 'must be 1 or 0')),
  ANTHROPIC_API_KEY: optional(z.string()),
  ANTHROPIC_AUTH_TOKEN: optional(z.string()),
  ANTHROPIC_BASE_URL: optional(withoutLogin(z.url('must be a URL'))),
  OTEL_EXPORTER_OTLP_ENDPOINT: optional(z.url('must be a URL')),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(z.url('must be a URL')),
  OTEL_EXPORTER_OTLP_HEADERS: optional(z.string()),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: optional(z.string()),
  OTEL_SERVICE_NAME: optional(z.string()),
  OTEL_SDK_DISABLED: optional(z.string()),
  DATABASE_URL: optional(z.string()),
  XDG_DATA_HOME: optional(z.string()),
})

export interface Config {
  isProduction: boolean
  /** 0: any free port. */
  port: number
  host: string
  dataDir: string
  /** Why the data directory is not the usual one; null when it is. */
  dataDirNote: string | null
  token: string | null
  /** The directory that requests without `cwd` mean. */
  defaultCwd: string
  /** Runs work only in and below these directories; null: wherever a project may be. */
  allowedRoots: string[] | null
  /** Further `host:port` names under which the server may be called. */
  allowedHosts: string[]
  maxParallel: number
  /** Runs that may wait for a slot. */
  maxQueued: number
  /** How long what runs may take to come to its end when the server stops. */
  drainMs: number
  anthropic: { apiKey: string | null; baseUrl: string | null }
  /** Keys of other providers, by the name of their variable. */
  providerKeys: Record<string, string>
  modelPatienceMs: number | null
  /** First step of the backoff; for tests and trials, a provider wants no less than the usual second. */
  modelBackoffMs: number | null
  /** Longest silence of an answer, for models that think for long without a sign of life, and for tests. */
  modelIdleMs: number | null
  scriptsDir: string | null
  /** What must never be stored, shown or sent: keys and tokens of ours, and whatever else the environment calls a secret. */
  secrets: string[]
  /** File tools may read a .env file that is asked for by name. */
  allowEnvFiles: boolean
  /** auto: where it works. */
  sandbox: 'auto' | 'require' | 'off'
  /** Places that sandboxed commands may read besides. */
  sandboxReads: string[]
  /** Where traces of runs are sent; null: nowhere. What the requests carry besides, the exporter reads by itself. */
  tracing: { url: string; serviceName: string } | null
  /** Who is told when a gate opens or a run ends or holds; null: nobody. Without a secret it is not signed. */
  webhook: { url: string; secret: string | null } | null
  /** Where people reach the dashboard, for links; null: where the server listens. */
  publicUrl: string | null
  /** What the server says of every agent's commands. */
  commandPolicy: CommandPolicy
  /** The most that sandboxed commands may have of the network; null: whatever a run asks for. */
  network: Network | null
  /** The data directory may be on a network file system, at the person's own risk. */
  allowNetworkFs: boolean
}

/** An unusable setting; the message says which and what to do. */
export class ConfigError extends Error {}

export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = Environment.safeParse(env)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(`${issue?.path.join('.')}: ${issue?.message}`)
  }
  const value = parsed.data
  if (value.DATABASE_URL && !value.DATABASE_URL.startsWith('file:')) {
    throw new ConfigError(
      'DATABASE_URL: only SQLite is supported by this version; leave it out to use the data directory',
    )
  }
  const host = value.HOST ?? '127.0.0.1'
  const token = value.RETRAI_TOKEN ?? null
  if (!isLoopback(host) && token === null) {
    throw new ConfigError(
      `HOST: ${host} can be reached by other machines. Set RETRAI_TOKEN (or --token) to a secret of 16 characters or more, or leave HOST at 127.0.0.1`,
    )
  }
  return {
    isProduction: value.NODE_ENV === 'production',
    port: value.PORT ?? 8000,
    host,
    token,
    ...chooseDataDir(value.RETRAI_DATA_DIR, value.XDG_DATA_HOME),
    defaultCwd: path.resolve(value.RETRAI_CWD ?? process.cwd()),
    allowedRoots: readRoots(value.RETRAI_ALLOWED_ROOTS),
    allowedHosts: (value.RETRAI_ALLOWED_HOSTS ?? '')
      .split(',')
      .map(name => name.trim().toLowerCase())
      .filter(name => name !== ''),
    maxParallel: value.RETRAI_MAX_PARALLEL ?? LIMITS.maxParallel,
    maxQueued: value.RETRAI_MAX_QUEUED ?? LIMITS.maxWaiting,
    drainMs: value.RETRAI_DRAIN_SECONDS === undefined ? LIMITS.drainMs : value.RETRAI_DRAIN_SECONDS * 1000,
    anthropic: {
      apiKey: value.ANTHROPIC_API_KEY ?? value.ANTHROPIC_AUTH_TOKEN ?? null,
      baseUrl: value.ANTHROPIC_BASE_URL ?? null,
    },
    providerKeys: Object.fromEntries(
      Object.entries(env).flatMap(([name, key]) =>
        key && /^[A-Z][A-Z0-9_]*_API_KEY$/.test(name) ? [[name, key]] : [],
      ),
    ),
    modelPatienceMs: milliseconds(value.RETRAI_MODEL_PATIENCE_SECONDS),
    modelBackoffMs: value.RETRAI_MODEL_BACKOFF_MS ?? null,
    modelIdleMs: milliseconds(value.RETRAI_MODEL_IDLE_SECONDS),
    scriptsDir: value.RETRAI_SCRIPTS_DIR ?? null,
    secrets: [...new Set([...secretsOf(env, token), ...secretHeaders(value), ...secretAddress(value)])],
    allowEnvFiles: value.RETRAI_ALLOW_ENV_FILES === '1',
    sandbox: value.RETRAI_SANDBOX ?? 'auto',
    sandboxReads: placesIn(value.RETRAI_SANDBOX_READ),
    tracing: readTracing(value),
    webhook: value.RETRAI_WEBHOOK_URL
      ? { url: value.RETRAI_WEBHOOK_URL, secret: value.RETRAI_WEBHOOK_SECRET ?? null }
      : null,
    publicUrl: value.RETRAI_PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    commandPolicy: readPolicy(value.RETRAI_COMMAND_POLICY),
    network: networkOf(value.RETRAI_NETWORK),
    allowNetworkFs: value.RETRAI_ALLOW_NETWORK_FS === '1',
  }
}

/** Our own token is one whatever it looks like. */
const secretsOf = (env: NodeJS.ProcessEnv, token: string | null) => [
  ...new Set([...(token === null ? [] : [token]), ...secretsOfEnvironment(env)]),
]

/** By the rules of OpenTelemetry: the general address is a base, that of traces is whole. */
function readTracing(value: z.infer<typeof Environment>): Config['tracing'] {
  const base = value.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '')
  const url = value.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base === undefined ? null : `${base}/v1/traces`)
  if (url === null || value.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null
  return { url, serviceName: value.OTEL_SERVICE_NAME ?? 'retrai' }
}

/** `authorization=Bearer …,x-api-key=…`: what lets us in at a collector. */
function secretHeaders(value: z.infer<typeof Environment>): string[] {
  const headers = [value.OTEL_EXPORTER_OTLP_HEADERS, value.OTEL_EXPORTER_OTLP_TRACES_HEADERS]
  return headers
    .flatMap(text => (text ?? '').split(','))
    .flatMap(pair => {
      const at = pair.indexOf('=')
      if (at < 0 || !/auth|key|token|secret/i.test(pair.slice(0, at))) return []
      const given = pair.slice(at + 1).trim()
      return [given, given.replace(/^\w+(?:\s|%20)+/, '')].filter(isSecret)
    })
}

/** The path of such an address is what lets one in at many services. */
function secretAddress({ RETRAI_WEBHOOK_URL: url }: z.infer<typeof Environment>): string[] {
  if (url === undefined) return []
  const { pathname, search } = new URL(url)
  return [`${pathname}${search}`].filter(text => text.length >= 16 && isSecret(text))
}

function readRoots(text: string | undefined): string[] | null {
  if (text === undefined) return null
  return text
    .split(path.delimiter)
    .filter(root => root !== '')
    .map(root => {
      try {
        if (!path.isAbsolute(root)) throw new Error('it is not an absolute path')
        return realpathSync(root)
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new ConfigError(`RETRAI_ALLOWED_ROOTS: ${root} cannot be used: ${why}`)
      }
    })
}

function placesIn(text: string | undefined): string[] {
  const places = (text ?? '').split(path.delimiter).filter(place => place !== '')
  const relative = places.find(place => !path.isAbsolute(place))
  if (relative !== undefined)
    throw new ConfigError(`RETRAI_SANDBOX_READ: ${relative} is not an absolute path`)
  return places
}

/** JSON, or the path of a file with JSON or YAML. */
function readPolicy(text: string | undefined): CommandPolicy {
  if (text === undefined) return {}
  try {
    const content = text.trim().startsWith('{') ? text : readFileSync(text, 'utf8')
    const parsed = CommandPolicy.safeParse(parseYaml(content, { maxAliasCount: 0 }) ?? {})
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new Error([issue?.path.join('.'), issue?.message].filter(Boolean).join(': '))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ConfigError(
      `RETRAI_COMMAND_POLICY: give JSON such as {"ask": ["docker push"], "deny": ["terraform *"]}, or the path of such a file: ${why}`,
    )
  }
}

function networkOf(text: string | undefined): Network | null {
  if (text === undefined) return null
  try {
    return parseNetwork(text)
  } catch (error) {
    throw new ConfigError(`RETRAI_NETWORK: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const milliseconds = (seconds: number | undefined) => (seconds === undefined ? null : seconds * 1000)

export const isLoopback = (host: string) =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)

/** Only where the data is, for a program that serves nobody. */
export const readDataDir = (env: NodeJS.ProcessEnv = process.env): string =>
  chooseDataDir(env.RETRAI_DATA_DIR?.trim() || undefined, env.XDG_DATA_HOME || undefined).dataDir

/** The data directory that was asked for, or the usual one, or a temporary one where home cannot be written. */
function chooseDataDir(asked: string | undefined, xdg: string | undefined) {
  if (asked !== undefined) {
    const dataDir = path.resolve(asked)
    const problem = unusable(dataDir)
    if (problem) throw new ConfigError(`RETRAI_DATA_DIR: ${dataDir} cannot be used: ${problem}`)
    return { dataDir, dataDirNote: null }
  }
  const usual = path.join(xdg ?? path.join(os.homedir(), '.local', 'share'), 'retrai')
  const problem = unusable(usual)
  if (!problem) return { dataDir: usual, dataDirNote: null }
  const dataDir = path.join(os.tmpdir(), `retrai-${process.getuid?.() ?? 'data'}`)
  const worse = unusable(dataDir) ?? sharedWith(dataDir)
  if (worse)
    throw new ConfigError(`No data directory can be written (${usual}: ${problem}); name one with --data-dir`)
  return {
    dataDir,
    dataDirNote: `${usual} cannot be written; runs are kept in ${dataDir} and may be lost at reboot`,
  }
}

// Not mkdir's own `recursive`: Node 20 never returns from it where a parent takes no folders, as in /proc.
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return
  const parent = path.dirname(directory)
  if (parent !== directory) makeDirectory(parent)
  mkdirSync(directory, { mode: 0o700 })
}

/** The temporary directory is everybody's: what stands there under our name may have been put there by somebody else. */
function sharedWith(directory: string): string | null {
  const { uid, mode } = lstatSync(directory)
  const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
  return isOurs ? null : `${directory} is not this user's alone`
}

function unusable(directory: string): string | null {
  try {
    makeDirectory(directory)
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
