// Opens the folder of a run.
import { access, constants, realpath, stat } from 'node:fs/promises'
import { isAbsolute, normalize } from 'node:path'
import type { Network } from '../contract/network.ts'
import { AppError, isAppError } from '../errors.ts'
import { LIMITS } from '../limits.ts'
import { type AllowedCwd, cwdProblem } from './allowed-cwd.ts'
import { childEnv } from './child-env.ts'
import { joinKept } from './cut-output.ts'
import { proxyEnv } from './network/bridge.ts'
import { createDial, type Dial } from './network/dial.ts'
import { openWay } from './network/open-way.ts'
import { codeOf, resolveInside } from './paths.ts'
import { dockerHint, networkHint } from './sandbox/hints.ts'
import { placeHint } from './sandbox/place-hint.ts'
import { removePrivateFolder } from './sandbox/private-folder.ts'
import type { Sandbox } from './sandbox/sandbox.ts'
import { createSnapshots } from './snapshots.ts'
import type { SandboxedSpawn, Spawner, SpawnResult } from './spawner.ts'
import type { CommandResult, RunCommand, Workspace } from './workspace.ts'

export interface Workspaces {
  /**
   * Throws AppError('invalid') with a pointer to `/cwd` when no run can work there. `snapshotsOf`: the folder with whose
   * snapshots those of this one are to be compared; commands may read it.
   */
  open(cwd: string, options?: OpenOptions): Promise<Workspace>
  /** The snapshots that were taken of a folder, also when it is gone. */
  snapshotsOf(root: string): Pick<Workspace, 'diff' | 'changes' | 'filesIn' | 'checkOut' | 'fileAt'>
  /** Names of the variables that commands are given. */
  variables(): string[]
  /** Ends every command; the spawner is closed with it. */
  close(): Promise<void>
}

export interface OpenOptions {
  snapshotsOf?: string
  /** What sandboxed commands have of the network; default: nothing. A list of hosts is refused where there is no sandbox. */
  network?: Network
  /** Commands run plainly, also where there is a sandbox. */
  plain?: boolean
}

export interface WorkspacesOptions {
  /** Snapshots are kept below it. */
  dataDir: string
  spawner: Spawner
  /** What commands of projects run in; null: nothing. Default null. */
  sandbox?: Sandbox | null
  /** What commands may inherit from; default the server's own environment. */
  env?: Record<string, string | undefined>
  /** Real places; when given, runs work only in and below them. */
  roots?: string[]
  home?: string
  /** How hosts on a list are reached; default: as the name servers say. */
  dial?: Dial
  log?(level: 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void
}

const KEEP_BYTES = LIMITS.outputKeptBytes
const MAX_CWD = 4096

export function createWorkspaces(options: WorkspacesOptions): Workspaces {
  const { dataDir, spawner, env = process.env, sandbox = null, roots, home, log } = options
  const { dial = createDial() } = options
  const snapshots = createSnapshots({ dataDir, spawner, env })

  async function open(
    cwd: string,
    { snapshotsOf, network = 'off', plain = false }: OpenOptions = {},
  ): Promise<Workspace> {
    const root = await checkedRoot(cwd, { dataDir, roots, home })
    const shell = await findShell()
    const shots = snapshots.of(root, snapshotsOf)
    const box = plain ? null : sandbox
    const hosts = typeof network === 'string' ? null : network
    if (hosts && !box) throw listWithoutSandbox()
    if (hosts && box?.noHostList) throw listNotHeld(box.noHostList)
    const readable = snapshotsOf === undefined || snapshotsOf === root ? [] : [snapshotsOf]

    async function run(command: RunCommand): Promise<CommandResult> {
      const cwd = await resolveInside(root, command.cwd ?? '.')
      if (!(await isDirectory(cwd))) return notStarted(`${command.cwd ?? root} is not a directory.\n`)
      const keep = command.keepBytes ?? KEEP_BYTES
      const headBytes = Math.floor(keep / 4)
      const around = command.isOurs ? null : box
      const way = around && hosts ? await openWay({ sandbox: around, root, hosts, dial, log }) : null
      let boxed: SandboxedSpawn | undefined
      try {
        boxed = await around?.around({
          root,
          cwd,
          network: network === 'on',
          ...(way && { proxyFolder: way.folder }),
          readable: [...readable, ...(command.reads ?? [])],
          writable: command.writes ?? [],
          temporary: command.temporary ?? [],
        })
        const result = await spawner.run({
          argv: [shell, '-c', command.command],
          cwd,
          env: { ...childEnv(env), ...around?.env, ...boxed?.env, ...(way && proxyEnv()), ...command.env },
          ...(boxed && { sandbox: boxed }),
          timeoutMs: command.timeoutMs,
          signal: command.signal,
          onOutput: command.onOutput,
          merge: true,
          headBytes,
          tailBytes: keep - headBytes,
        })
        const missed = { root, command: command.command, network, refused: way?.refused() ?? [] }
        return around ? withHint(toCommandResult(result), around, missed) : toCommandResult(result)
      } catch (error) {
        // The list of hosts could not be held here: no result of the command, but something to be read.
        if (isAppError(error) && error.code === 'conflict') return notStarted(`${error.message}\n`)
        throw error
      } finally {
        await way?.close()
        if (boxed?.scratch) await removePrivateFolder(boxed.scratch)
      }
    }

    return {
      root,
      resolve: path => resolveInside(root, path),
      run,
      ...shots,
      get snapshotProblem() {
        return shots.snapshotProblem
      },
    }
  }

  return {
    open,
    snapshotsOf: root => snapshots.of(root),
    variables: () => Object.keys(childEnv(env)).toSorted(),
    close: () => spawner.close(),
  }
}

/** A sandbox makes programs say what nobody understands who does not know of it. */
function withHint(
  result: CommandResult,
  sandbox: Pick<Sandbox, 'hint'>,
  missed: { root: string; command: string; network: Network; refused: string[] },
): CommandResult {
  if (result.exitCode === 0) return result
  const { output: said } = result
  const hint =
    dockerHint(said) ??
    networkHint({ ...result, ...missed }) ??
    sandbox.hint({ output: said, network: missed.network }) ??
    placeHint(said, missed.root)
  if (hint === null) return result
  const output = `${result.output}${result.output.endsWith('\n') ? '' : '\n'}${hint}\n`
  return {
    ...result,
    output,
    bytes: result.bytes + Buffer.byteLength(output) - Buffer.byteLength(result.output),
  }
}

function toCommandResult(result: SpawnResult): CommandResult {
  const output = joinKept({
    head: result.out.head,
    // Where no real pipe could be made, stderr came apart.
    tail: Buffer.concat([result.out.tail, result.err.head, result.err.tail]),
    bytes: result.out.bytes + result.err.bytes,
  })
  const note = result.problem
    ? `${output.text && !output.text.endsWith('\n') ? '\n' : ''}${result.problem}\n`
    : ''
  return {
    exitCode: result.notStarted ? 127 : result.exitCode,
    signal: result.signal,
    timedOut: result.timedOut,
    output: output.text + note,
    bytes: output.bytes,
    truncated: output.truncated,
    durationMs: result.durationMs,
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}

function notStarted(output: string): CommandResult {
  return {
    exitCode: 127,
    signal: null,
    timedOut: false,
    output,
    bytes: output.length,
    truncated: false,
    durationMs: 0,
  }
}

async function checkedRoot(cwd: string, allowed: AllowedCwd): Promise<string> {
  if (cwd.includes('\0')) throw badCwd('cwd contains a NUL character; give the path of a directory.')
  if (cwd.length > MAX_CWD) throw badCwd('cwd is longer than 4096 characters; give the path of a directory.')
  if (!isAbsolute(cwd)) throw badCwd(`cwd must be an absolute path, but is ${JSON.stringify(cwd)}.`)
  if (/^\/+(?:proc|sys|dev)(?:\/|$)/.test(normalize(cwd)))
    throw badCwd(`${cwd} belongs to the system; give the project's directory by its own name.`)
  try {
    const root = await realpath(cwd)
    if (!(await stat(root)).isDirectory())
      throw badCwd(`${cwd} is not a directory; give the project's directory.`)
    const problem = cwdProblem(root, allowed)
    if (problem !== null) throw badCwd(problem)
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK)
    return root
  } catch (error) {
    throw explained(cwd, error)
  }
}

function explained(cwd: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
      return badCwd(`${cwd} does not exist on the server; create it or correct the path.`)
    case 'ENOTDIR':
      return badCwd(`${cwd} is not a directory; give the project's directory.`)
    case 'EACCES':
    case 'EPERM':
      return badCwd(
        `The server may not read, write and enter ${cwd}; change its permissions or choose another.`,
      )
    case 'EROFS':
      return badCwd(`${cwd} is on a read-only file system; the agent could not change anything there.`)
    case 'ENAMETOOLONG':
      return badCwd('A part of cwd is too long for a name; give the path of a directory.')
    case 'ELOOP':
      return badCwd(`${cwd} is a symbolic link that leads in a circle.`)
    default:
      return error
  }
}

function listWithoutSandbox(): AppError {
  const detail =
    'a list of hosts can only be held in the sandbox, and there is none for this: say "on" or "off", or see what retrai doctor says of the sandbox'
  return new AppError('invalid', `network: ${detail}`, { fields: [{ pointer: '/network', detail }] })
}

function listNotHeld(why: string): AppError {
  return new AppError('conflict', `network: ${why}`, { fields: [{ pointer: '/network', detail: why }] })
}

function badCwd(detail: string): AppError {
  return new AppError('invalid', detail, { fields: [{ pointer: '/cwd', detail }] })
}

async function findShell(): Promise<string> {
  for (const shell of [
    '/bin/bash',
    '/usr/bin/bash',
    '/usr/local/bin/bash',
    '/run/current-system/sw/bin/bash',
  ]) {
    const found = await access(shell, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return shell
  }
  return '/bin/sh'
}
