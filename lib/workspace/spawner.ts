// Commands are started by a helper process: a spawn stops the event loop of a large process for many milliseconds, and
// a helper that sees the server die can still end what it had running.
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { AppError, isAppError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { adoptingCommand } from './adopting-command.ts'
import { childEnv, MARKER_PREFIX } from './child-env.ts'
import type { KeptOutput } from './cut-output.ts'

export interface SpawnRequest {
  /** Program and arguments; no shell is put between. */
  argv: [string, ...string[]]
  /** Absolute. */
  cwd: string
  /** The whole environment, see child-env.ts. */
  env: Record<string, string>
  timeoutMs: number
  signal?: AbortSignal
  /** stdin; default empty. */
  input?: string | Uint8Array
  /** stdout and stderr as one stream, in `out`; default false. */
  merge?: boolean
  /** What it runs in; default: nothing, it can do what the server's user can. */
  sandbox?: SandboxedSpawn
  /** How much is kept of each stream's start and end. */
  headBytes: number
  tailBytes: number
  /** Live output for people; of a flood only the latest is passed on. */
  onOutput?(chunk: string): void
}

/** How bubblewrap, or sandbox-exec of macOS, is called; made in sandbox/. */
export interface SandboxedSpawn {
  /** With `bwrap` the system ends everything of a command with it; with `seatbelt` that is for us to do, as without a sandbox. */
  kind: 'bwrap' | 'seatbelt'
  argv: string[]
  /** File with the system-call filter. */
  filter: string | null
  /** Program and arguments that run beside the command; the command begins when it has printed a line. */
  bridge: string[] | null
  /** `countsProcesses`: the system counts those of the sandbox alone, so that it can hold them to the limit itself. */
  limits: {
    processes: number
    countsProcesses: boolean
    files: number
    fileKiB: number
    memoryBytes: number
  }
  owner: { uid: number; gid: number } | null
  /** Changes to the environment of this command alone; whoever makes its request applies them. */
  env: Record<string, string>
  /** A folder made for this command; whoever runs it removes it afterwards. */
  scratch: string | null
}

export interface SpawnResult {
  exitCode: number | null
  signal: string | null
  timedOut: boolean
  out: KeptOutput
  err: KeptOutput
  durationMs: number
  /** Why it did not start, or did not end by itself; null when it did. */
  problem: string | null
  /** It could not be started at all. */
  notStarted: boolean
}

export interface Spawner {
  /**
   * Runs a program to its end; everything it started is dead by then. Rejects only with the signal's reason, or with
   * AppError('stopping') once closed; also then after everything is dead.
   */
  run(request: SpawnRequest): Promise<SpawnResult>
  /**
   * Ends what an earlier server of the same `instance` left running, in case that server's helper was killed with it. Call
   * before the first command; false when the helper did not answer.
   */
  sweepLeftovers(): Promise<boolean>
  /** The helper's process id, for tests and diagnostics; null while there is none. */
  readonly pid: number | null
  /** Ends what runs, and the helper. */
  close(): Promise<void>
}

export interface SpawnerOptions {
  log?(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
  /** What all commands of one data directory have in common: only one server at a time has it. Default: nothing. */
  instance?: string
  /** How the helper looks at processes; default `proc` where /proc is. */
  processes?: 'proc' | 'ps'
}

/** More output than this ends the command: nobody reads it, and it is usually a loop gone wild. */
export const MAX_OUTPUT_BYTES = LIMITS.outputMaxBytes
const SWEEP_LIMIT_MS = 5000
const CLOSE_LIMIT_MS = 4000

interface Done {
  type: 'done'
  id: number
  exitCode: number | null
  signal: string | null
  timedOut: boolean
  overflow: boolean
  exceeded: { what: 'memory' | 'processes'; took: number; limit: number } | null
  survivors: number
  out: KeptOutput
  err: KeptOutput
  durationMs: number
  error?: { code?: string; message: string }
}
type FromHelper =
  | { type: 'started'; id: number; pid: number }
  | { type: 'output'; id: number; chunk: string }
  | { type: 'swept'; id: number }
  | { type: 'retire' }
  | Done

interface Running {
  /** Which helper has it. */
  helper: ChildProcess
  request: SpawnRequest
  pid: number | null
  began: number
  settle(result: SpawnResult | AppError): void
}

export function createSpawner({ log, instance, processes }: SpawnerOptions = {}): Spawner {
  const marker = `${MARKER_PREFIX}${instance === undefined ? randomBytes(6).toString('hex') : shortHash(instance)}`
  /** Of this life: the helper of an earlier one may still be ending its own commands, and must not take ours for them. */
  const life = randomBytes(6).toString('hex')
  const running = new Map<number, Running>()
  const sweeps = new Map<number, () => void>()
  let helper: ChildProcess | null = null
  let lastId = 0
  let closed = false

  function start(): ChildProcess {
    const script = fileURLToPath(new URL('./spawner-process.mjs', import.meta.url))
    // Never the loaders, inspectors or memory limits of the server.
    const node: [string, ...string[]] = [
      process.execPath,
      '--max-old-space-size=128',
      '--max-semi-space-size=1',
      '--v8-pool-size=1',
    ]
    const [file, ...args] = adoptingCommand([...node, script, ...(processes ? [processes] : [])])
    const child = spawn(file, args, {
      // Next's types want NODE_ENV in every environment; the helper must not have it.
      env: childEnv(process.env) as NodeJS.ProcessEnv,
      cwd: '/',
      // Its own session: Ctrl-C in the terminal reaches the server, which decides what happens to its commands.
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    helper = child
    child.on('message', message => receive(child, message as FromHelper)) // Only our own helper is at the other end.
    child.on('error', error =>
      log?.('error', 'The process that starts commands failed', { error: error.message }),
    )
    child.once('exit', (code, signal) => void replace(child, code, signal))
    holdOpen()
    return child
  }

  /** An idle helper must not keep a finished program from ending. */
  function holdOpen(): void {
    const busy = running.size + sweeps.size > 0
    if (busy) helper?.ref()
    else helper?.unref()
    if (busy) helper?.channel?.ref()
    else helper?.channel?.unref()
  }

  function receive(from: ChildProcess, message: FromHelper): void {
    if (message.type === 'retire') {
      retire(from)
      return
    }
    const command = running.get(message.id)
    switch (message.type) {
      case 'swept':
        sweeps.get(message.id)?.()
        break
      case 'started':
        if (command) command.pid = message.pid
        break
      case 'output':
        command?.request.onOutput?.(message.chunk)
        break
      case 'done':
        command?.settle(toResult(message))
        break
    }
  }

  /** A helper that has grown old is let go while it has nothing to do; the next command starts another. */
  function retire(old: ChildProcess): void {
    if (helper !== old || running.size + sweeps.size > 0) return
    helper = null
    old.disconnect()
  }

  function send(target: ChildProcess, message: Record<string, unknown>): void {
    // One that died before it read this is replaced in `exit`, which settles what it was to run.
    target.send(message, () => {})
  }

  /** The helper is gone, its commands are not: a new one ends them before their callers hear of it. */
  async function replace(gone: ChildProcess, code: number | null, signal: string | null): Promise<void> {
    if (helper === gone) helper = null
    const lost = [...running.values()].filter(command => command.helper === gone)
    if (closed || lost.length === 0) return
    log?.('error', 'The process that starts commands ended unexpectedly', {
      code,
      signal,
      commands: lost.length,
    })
    const roots = lost.flatMap(command => (command.pid === null ? [] : [command.pid]))
    const swept = await sweep(roots, `${marker}=${life}.`)
    for (const command of lost) {
      command.settle({
        exitCode: null,
        signal: 'SIGKILL',
        timedOut: false,
        out: nothing(),
        err: nothing(),
        durationMs: performance.now() - command.began,
        problem: `[stopped: the process that runs commands ended unexpectedly (${signal ?? `code ${code}`}); the command may have run partly${swept ? '' : ', and what it started may still be running'}]`,
        notStarted: false,
      })
    }
  }

  function sweep(roots: number[], marked: string): Promise<boolean> {
    const id = ++lastId
    return new Promise(resolve => {
      const limit = setTimeout(() => settle(false), SWEEP_LIMIT_MS)
      const settle = (swept: boolean) => {
        clearTimeout(limit)
        sweeps.delete(id)
        holdOpen()
        resolve(swept)
      }
      sweeps.set(id, () => settle(true))
      send(helper ?? start(), { type: 'sweep', id, marker: marked, roots })
    })
  }

  async function run(request: SpawnRequest): Promise<SpawnResult> {
    request.signal?.throwIfAborted()
    if (closed) throw stopping()
    const id = ++lastId
    const result = await new Promise<SpawnResult | AppError>(resolve => {
      const target = helper ?? start()
      const stop = () => send(target, { type: 'stop', id })
      const settle = (settled: SpawnResult | AppError) => {
        request.signal?.removeEventListener('abort', stop)
        running.delete(id)
        holdOpen()
        resolve(settled)
      }
      running.set(id, { helper: target, request, pid: null, began: performance.now(), settle })
      request.signal?.addEventListener('abort', stop, { once: true })
      send(target, {
        type: 'run',
        id,
        argv: request.argv,
        cwd: request.cwd,
        env: { ...request.env, [marker]: `${life}.${id}` },
        marker: `${marker}=${life}.${id}\0`,
        timeoutMs: request.timeoutMs,
        merge: request.merge ?? false,
        stream: request.onOutput !== undefined,
        input: request.input,
        sandbox: request.sandbox,
        headBytes: request.headBytes,
        tailBytes: request.tailBytes,
        maxBytes: MAX_OUTPUT_BYTES,
      })
      holdOpen()
    })
    request.signal?.throwIfAborted()
    if (isAppError(result)) throw result
    return result
  }

  async function close(): Promise<void> {
    closed = true
    const child = helper
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    await new Promise<void>(resolve => {
      const limit = setTimeout(() => child.kill('SIGKILL'), CLOSE_LIMIT_MS)
      child.once('exit', () => {
        clearTimeout(limit)
        resolve()
      })
      // It ends its commands when it no longer sees us.
      if (child.connected) child.disconnect()
    })
    for (const command of running.values()) command.settle(stopping())
  }

  return {
    run,
    close,
    sweepLeftovers: () => sweep([], `${marker}=`),
    get pid() {
      return helper?.pid ?? null
    },
  }
}

const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)

function toResult(done: Done): SpawnResult {
  return {
    exitCode: done.exitCode,
    signal: done.signal,
    timedOut: done.timedOut,
    out: done.out,
    err: done.err,
    durationMs: done.durationMs,
    problem: problemOf(done),
    notStarted: done.error !== undefined,
  }
}

function problemOf({ error, overflow, exceeded, survivors }: Done): string | null {
  if (error?.code === 'E2BIG') {
    return 'The command is too long for the system; write it to a file and run that file.'
  }
  if (error) return `The command could not be started: ${error.message}`
  if (exceeded) {
    const { what, took, limit } = exceeded
    if (what === 'processes') return `[stopped: it had ${took} processes, and may have ${limit}]`
    const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20).toLocaleString('en-US')} MiB`
    return `[stopped: it took ${mib(took)} of memory, and may take ${mib(limit)}]`
  }
  if (overflow) return '[stopped: more than 256 MiB of output]'
  if (survivors > 0) return `[${survivors} of its processes could not be killed]`
  return null
}

/** That a server stops says nothing about the command: it must not be taken for a result. */
function stopping(): AppError {
  return new AppError('stopping', 'The server is stopping; the command was ended and may have run partly.')
}

function nothing(): KeptOutput {
  return { head: new Uint8Array(), tail: new Uint8Array(), bytes: 0 }
}
