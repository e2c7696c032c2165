// The command line as a process of its own, as a person or a script starts it.
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface CliOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>
  cwd?: string
}

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
}

export interface RunningCli {
  child: ChildProcess
  output: { stdout: string; stderr: string }
  ended: Promise<CliResult>
}

/** The checkout; RETRAI_TEST_ROOT names another one to test. */
export const rootOfCli =
  process.env.RETRAI_TEST_ROOT ?? path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')

/** What the person at this machine keeps is not what is tested. */
const NO_FILE = '/nowhere/retrai.json'

/** For use in a test, which ends it. Starts `retrai` without a terminal, as built: what it builds by itself is not what these tests are about. */
export function startCli(args: string[], { env = {}, cwd }: CliOptions = {}): RunningCli {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(RETRAI_|VITEST|ANTHROPIC_|FORCE_COLOR|NO_COLOR|npm_|PORT$|HOST$|NODE_ENV$)/.test(name),
  )
  const child = spawn(process.execPath, [path.join(rootOfCli, 'bin/retrai.mjs'), ...args], {
    cwd: cwd ?? rootOfCli,
    env: {
      ...Object.fromEntries(kept),
      RETRAI_SKIP_BUILD: '1',
      RETRAI_CONFIG: NO_FILE,
      ...env,
    } as unknown as NodeJS.ProcessEnv, // Next wants NODE_ENV in it
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output.stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output.stderr += chunk
  })
  const ended = new Promise<CliResult>(resolve => {
    child.once('close', code => resolve({ code, ...output }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL') // a test that has failed must not leave it behind
    await ended
  })
  return { child, output, ended }
}

/** Runs `retrai` to its end. */
export const runCli = (args: string[], options?: CliOptions): Promise<CliResult> =>
  startCli(args, options).ended
