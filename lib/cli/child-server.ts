// A server of our own for `retrai run` and `retrai demo`: the same program as `retrai serve`, as a child process.
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-codes.ts'

export const DEFAULT_PORT = 8000
const READY = /^retrAI is listening on (\S+)$/
/** What the parent sends when it leaves and the server is to stay. */
export const STAY = 'stay'

export interface ChildServer {
  url: string
  pid: number
  logFile: string
  /** Aborts, with a CliError that carries the end of its log, when the server ends unasked. */
  ended: AbortSignal
  /** Resolves when it is gone, and with it everything it started. */
  stop(): Promise<void>
  /** From here on it lives without us. */
  leave(): Promise<void>
}

export interface ChildServerOptions {
  /** The package's folder. */
  root: string
  env: NodeJS.ProcessEnv
  /** 0: any free one. */
  port: number
}

/** Resolves when it answers; rejects with the reason it gave when it does not start. */
export async function startChildServer({ root, env, port }: ChildServerOptions): Promise<ChildServer> {
  const scratch = mkdtempSync(path.join(os.tmpdir(), 'retrai-server-'))
  const logFile = path.join(scratch, 'server.log')
  const log = openSync(logFile, 'a', 0o600)
  const child = spawn(
    process.execPath,
    [path.join(root, 'bin/retrai.mjs'), 'serve', '--port', String(port), '--end-with-parent'],
    {
      env: { ...env, RETRAI_SKIP_BUILD: '1' },
      // Its own process group: Ctrl-C in the terminal reaches us, and we decide what becomes of the server.
      detached: true,
      stdio: ['ignore', 'pipe', log, 'ipc'],
    },
  )
  closeSync(log)

  const end = new AbortController()
  let isStopping = false
  const gone = new Promise<void>(resolve => {
    const settle = (why: string) => {
      const said = tail(logFile)
      rmSync(scratch, { recursive: true, force: true })
      if (!isStopping) end.abort(new CliError(EXIT.unreachable, `The server ${why}${said && `:\n${said}`}`))
      resolve()
    }
    child.once('error', error => settle(`could not be started (${error.message})`))
    child.once('exit', (code, signal) => settle(`ended with ${signal ?? `exit code ${code}`}`))
  })

  const url = await readyLine(child, end.signal)
  return {
    url,
    pid: child.pid ?? 0,
    logFile,
    ended: end.signal,
    async stop() {
      isStopping = true
      child.kill('SIGTERM')
      await gone
    },
    async leave() {
      isStopping = true
      await new Promise(resolve => child.send(STAY, resolve))
      child.disconnect()
      child.stdout?.destroy()
      child.unref()
    },
  }
}

function readyLine(child: ChildProcess, ended: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    ended.addEventListener('abort', () => reject(ended.reason), { once: true })
    if (!child.stdout) return
    createInterface({ input: child.stdout }).on('line', line => {
      const url = READY.exec(line)?.[1]
      if (url) resolve(url)
    })
  })
}

/** The last lines it wrote for people; its log entries are JSON. */
function tail(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const forPeople = lines.filter(line => !line.startsWith('{'))
  return (forPeople.length > 0 ? forPeople : lines).slice(-15).join('\n')
}

/** The usual port when nobody has it, else any free one. */
export function preferredPort(port = DEFAULT_PORT): Promise<number> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(0))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)))
  })
}
