// The real server as a process of its own: the built product, a data directory of its own, any free port.
//
//   const server = await startServer({ env: { ANTHROPIC_BASE_URL: model.url } })
//   …
//   await server.close()
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export interface StartServerOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>
  /** Kept by `close()`; without it the server gets one that goes away with it. */
  dataDir?: string
  /** Runs the sources with Next's development server instead of the build. Also by RETRAI_TEST_DEV=1. */
  dev?: boolean
  /** Another bundle of server.ts than the built product: one with crash points, or with a fault built in. */
  bundle?: string
  /** A command that starts what follows it and keeps its process id, such as `strace -D`. */
  under?: string[]
}

export interface TestServer {
  url: string
  pid: number
  dataDir: string
  stdout(): string
  stderr(): string
  /** The code the process ended with, and the signal; resolves when it has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** SIGTERM, and waits for the end. */
  stop(): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** SIGKILL, and waits for the end. */
  kill9(): Promise<void>
  /** A new process over the same data directory; this one must have ended. On the same port where it is asked for. */
  restart(options?: { samePort?: boolean; env?: StartServerOptions['env'] }): Promise<TestServer>
  /** Ends the process, if it still runs, and removes the data directory unless the caller named it. */
  close(): Promise<void>
}

const LISTENING = /^retrAI is listening on (http:\/\/\S+)$/m
const START_WITHIN_MS = 60_000

/** The checkout; RETRAI_TEST_ROOT names another one to test, e.g. an unpacked release. */
const rootOf = () =>
  process.env.RETRAI_TEST_ROOT ?? path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

export async function startServer(options: StartServerOptions = {}): Promise<TestServer> {
  const isOwnDir = options.dataDir === undefined
  const dataDir = options.dataDir ?? (await temporaryDirectory('retrai-data-'))
  const isDev = options.dev ?? (options.bundle === undefined && process.env.RETRAI_TEST_DEV === '1')
  const root = rootOf()
  const bundle = options.bundle ?? path.join(root, 'dist/server.mjs')
  if (!isDev && !existsSync(bundle)) {
    throw new Error('There is no build to test; run `npm run build` first')
  }
  const node = [process.execPath, ...(isDev ? ['--import', 'tsx', 'server.ts'] : [bundle])]
  const [command, ...args] = [...(options.under ?? []), ...node]
  // There is node at least.
  const child = spawn(command!, args, {
    cwd: root,
    env: environment({
      NODE_ENV: isDev ? 'development' : 'production',
      RETRAI_DATA_DIR: dataDir,
      ...(isDev ? { RETRAI_NEXT_DIST: `.next-it-${process.pid}` } : {}),
      ...options.env,
    }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test runner that is stopped takes its servers with it.
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)

  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(resolve => {
    child.once('close', (code, signal) => {
      process.off('exit', killWithUs)
      resolve({ code, signal })
    })
  })
  const removeDataDir = () =>
    isOwnDir ? rm(dataDir, { recursive: true, force: true, maxRetries: 5 }) : Promise.resolve()

  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  let url: string
  try {
    url = await listeningAddress(child, ended, () => stdout)
  } catch (error) {
    child.kill('SIGKILL')
    await ended
    await removeDataDir()
    throw new Error(`${(error as Error).message}\n${stdout}\n${stderr}`)
  }

  return {
    url,
    pid: child.pid!, // it listens, so it was spawned
    dataDir,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    stop() {
      if (!hasEnded()) child.kill('SIGTERM')
      return ended
    },
    async kill9() {
      if (!hasEnded()) child.kill('SIGKILL')
      await ended
    },
    restart({ samePort = false, env = {} } = {}) {
      if (!hasEnded()) throw new Error('stop the server before it is started again')
      const port = samePort ? { PORT: new URL(url).port } : {}
      return startServer({ ...options, dataDir, env: { ...options.env, ...port, ...env } })
    },
    async close() {
      if (!hasEnded()) child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
      await ended
      clearTimeout(timer)
      await removeDataDir()
    },
  }
}

/** Starts the server with settings it must refuse; resolves with how it ended and what it said. */
export async function startRefused(
  env: Record<string, string>,
): Promise<{ code: number | null; stderr: string }> {
  try {
    const server = await startServer({ env })
    await server.close()
  } catch (error) {
    const { message } = error as Error
    const code = /ended with (\d+)/.exec(message)?.[1]
    return { code: code === undefined ? null : Number(code), stderr: message }
  }
  throw new Error('The server started although it should have refused to')
}

async function listeningAddress(
  child: ChildProcess,
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>,
  stdout: () => string,
): Promise<string> {
  const listening = new Promise<string>(resolve => {
    const look = () => {
      const match = LISTENING.exec(stdout())
      if (match?.[1]) resolve(match[1])
    }
    child.stdout?.on('data', look)
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The server did not listen within ${START_WITHIN_MS} ms`)),
      START_WITHIN_MS,
    )
  })
  const tooEarly = ended.then(({ code, signal }) => {
    throw new Error(`The server ended with ${code ?? signal} before it listened`)
  })
  try {
    return await Promise.race([listening, late, tooEarly])
  } finally {
    clearTimeout(timer)
  }
}

/** What the test runner and the person's shell put into the environment must not decide a test. */
function environment(extra: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const ours =
    /^(RETRAI_|ANTHROPIC_|VITEST|NODE_OPTIONS$|NODE_V8_COVERAGE$|TEST$|HOST$|DATABASE_URL$|QUEUE_URL$|.*_API_KEY$)/
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name))
  const env: Record<string, string | undefined> = {
    ...Object.fromEntries(kept),
    PORT: '0',
    // A test that ends does not wait for a command that sleeps.
    RETRAI_DRAIN_SECONDS: '0',
    ANTHROPIC_API_KEY: 'test-key-of-no-one',
    ...extra,
  }
  return Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined),
  ) as NodeJS.ProcessEnv // filtered
}

/** A new directory under the system's temporary one, by its real path. */
export async function temporaryDirectory(prefix: string): Promise<string> {
  return realpath(await mkdtemp(path.join(tmpdir(), prefix)))
}
