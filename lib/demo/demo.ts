// retrai demo: a sample project with real failing tests, in a fresh folder, with a server and a data directory of its own,
// so that it needs nothing of the home directory and leaves nothing there.
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { createShow } from '#lib/cli/attend-run'
import { preferredPort } from '#lib/cli/child-server'
import { usageError } from '#lib/cli/cli-error'
import { type Client, createClient } from '#lib/cli/client'
import { EXIT, type ExitCode, exitCodeOfStatus } from '#lib/cli/exit-codes'
import { promptAtGate, waitingLine } from '#lib/cli/gate-prompt'
import { harmless } from '#lib/cli/harmless'
import { onInterrupt } from '#lib/cli/interrupt'
import { openBrowser } from '#lib/cli/open-browser'
import type { Output } from '#lib/cli/output'
import { summaryLines } from '#lib/cli/run-lines'
import { type Session, startServer } from '#lib/cli/session'
import { type Gate, watchRun } from '#lib/cli/watch-run'
import { count } from '#lib/client/format'
import { listModels } from '#lib/contract/models'
import { getRun, startRun } from '#lib/contract/runs'
import { childEnv } from '#lib/workspace/child-env'

/** A model that costs something is tried out for cents; whatever goes wrong, not for more than this. */
const MOST_USD = 2

export interface DemoOptions {
  model: string
  port?: number
  /** End with the run instead of leaving the dashboard open. */
  exit?: boolean
  gate?: boolean
  open?: boolean
}

export async function runDemo(options: DemoOptions, session: Session): Promise<ExitCode> {
  const { output, place } = session
  // Real path: what the run prints of its directory is then what is printed here.
  const folder = await mkdtemp(path.join(await realpath(os.tmpdir()), 'retrai-demo-'))
  const project = path.join(folder, 'shopping-cart')
  const dataDir = path.join(folder, 'data')
  await cp(path.join(place.root, 'lib/demo/project'), project, { recursive: true })
  await mkdir(dataDir)

  const child = await startServer(place, {
    port: options.port ?? (await preferredPort()),
    env: {
      HOST: '127.0.0.1',
      RETRAI_DATA_DIR: dataDir,
      RETRAI_CWD: project,
      // Its address is printed to be opened, without logging in.
      RETRAI_TOKEN: undefined,
      DATABASE_URL: undefined,
    },
  })
  try {
    const client = createClient({ server: child.url, token: null })
    await refuseUnavailable(options.model, client)
    const { run_id } = await client.call(startRun, {
      body: {
        goal: 'npm-test',
        cwd: project,
        model_name: options.model,
        hitl_enabled: options.gate,
        max_cost_usd: MOST_USD,
      },
    })
    const page = client.pageOf(run_id)
    output.progress(`Project:   ${project}`)
    if (output.isJson) output.progress(page)
    else output.data(`Dashboard: ${page}`)
    if (options.open) openBrowser(page)

    const view = createShow(output)
    const end = await watchRun({
      client,
      runId: run_id,
      serverEnded: child.ended,
      show: view.show,
      async atGate(gate: Gate, signal: AbortSignal) {
        if (session.canAsk) return promptAtGate({ client, session, gate }, signal)
        output.notice(waitingLine(client, gate))
        return 'go on'
      },
    }).finally(view.stop)
    if (end.kind !== 'ended') return EXIT.interrupted

    const run = await client.call(getRun, { params: { run_id } })
    // Nobody has to take our word for it.
    const testsPass = end.status === 'achieved' && (await showTests(project, output))
    if (!output.isJson) {
      for (const line of summaryLines(run, page, output.paint)) output.data(line)
      if (end.status === 'achieved') {
        output.data(
          `Achieved in ${count(run.iteration, 'iteration')}; run \`npm test\` in ${project} to see for yourself.`,
        )
      }
    }
    const code = end.status === 'achieved' && !testsPass ? EXIT.failed : exitCodeOfStatus(end.status)
    if (options.exit) return code
    output.notice(`The dashboard stays open at ${page}. Ctrl-C ends it.`)
    await Promise.race([interrupted(), ended(child.ended)])
    return code
  } finally {
    await child.stop()
    // The repaired project stays, to be looked at.
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Said before anything starts: a run would only say it after its first check. */
async function refuseUnavailable(name: string, client: Client): Promise<void> {
  const models = await client.call(listModels)
  const model = models.find(known => known.name === name)
  if (model && !model.available) throw usageError(model.why_not ?? `${name} is not available`)
}

/** Runs the project's tests once more, by ourselves, as the person could. */
async function showTests(project: string, output: Output): Promise<boolean> {
  const child = spawn('npm', ['test'], {
    cwd: project,
    // The tests of the project, not of whoever started this: none of our settings for Node or npm.
    env: childEnv(process.env) as NodeJS.ProcessEnv, // Next's types want NODE_ENV in every environment
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  child.stderr.on('data', chunk => {
    text += chunk
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const facts = ['tests', 'pass', 'fail'].map(name => `${countOf(text, name)} ${name}`).join(', ')
  output.progress(`npm test, once more in the project: exit ${code} (${facts})`)
  if (code !== 0) output.progress(harmless(text))
  return code === 0
}

/** Node's test reporters print `# pass 14` or `ℹ pass 14`. */
const countOf = (text: string, name: string) =>
  new RegExp(`^\\S+ ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? '?'

const interrupted = () => new Promise<void>(resolve => onInterrupt(() => resolve()))

const ended = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
