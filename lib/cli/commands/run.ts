// retrai run: starts a run and stays with it to its end.
import path from 'node:path'
import { type Command, Option } from 'commander'
import { shortId } from '#lib/client/format'
import type { CommandPolicy } from '#lib/contract/command-policy'
import type { RunEvent } from '#lib/contract/event'
import { resumeRun } from '#lib/contract/gates'
import { detectGoals, type ProjectSettings } from '#lib/contract/goals'
import type { Network } from '#lib/contract/network'
import { abortRun, getRun, startRun } from '#lib/contract/runs'
import { ask } from '../ask.ts'
import type { ChildServer } from '../child-server.ts'
import { CliError, usageError } from '../cli-error.ts'
import type { Client } from '../client.ts'
import { createEventLines } from '../event-lines.ts'
import { EXIT, type ExitCode, exitCodeOfStatus } from '../exit-codes.ts'
import { promptAtGate, waitingLine } from '../gate-prompt.ts'
import { oneLine } from '../harmless.ts'
import { openBrowser } from '../open-browser.ts'
import type { Output } from '../output.ts'
import {
  parseDuration,
  parseInteger,
  parseNetwork,
  parseTokens,
  parseUsd,
  parseWhole,
} from '../parse-options.ts'
import { patiently } from '../patiently.ts'
import { summaryLines } from '../run-lines.ts'
import type { Session } from '../session.ts'
import { type Gate, type WatchEnd, watchRun } from '../watch-run.ts'

const ON_GATE = ['prompt', 'wait', 'exit', 'approve', 'abort'] as const
type OnGate = (typeof ON_GATE)[number]

export interface RunOptions {
  cwd?: string
  model?: string
  iterations?: number
  cmd?: string
  and?: string[]
  option?: Record<string, unknown>
  confirm?: number
  stalled?: number
  gate?: boolean
  onGate?: OnGate
  protect?: 'enforce' | 'report' | 'off'
  cost?: number
  time?: number
  tokens?: number
  instructions?: string
  priority?: number
  network?: Network
  sandbox?: 'off'
  trustConfig?: boolean
  allowCommand?: string[]
  askCommand?: string[]
  denyCommand?: string[]
  onAsk?: 'wait' | 'deny'
  detach?: boolean
  timeout?: number
  idempotencyKey?: string
  open?: boolean
}

export function describeRun(command: Command): Command {
  return command
    .description('start a run and follow it to its end')
    .argument(
      '[goal]',
      'a registered goal (see `retrai goals`) or any text; default: what the project speaks for',
    )
    .option('-C, --cwd <dir>', 'the project; default: this directory')
    .option('-m, --model <name>', 'default: claude-sonnet-4-6')
    .option('-n, --iterations <n>', 'attempts at most; default: 20', parseWhole)
    .option('--cmd <command>', 'the command that decides whether the goal is met')
    .option('--and <goal>', 'another goal that must hold as well; may be repeated', collect)
    .option(
      '--option <name=value>',
      'a setting of the goal alone (see `retrai goals --json`); may be repeated',
      collectOption,
    )
    .option('--confirm <n>', 'run a green check so many times more; one that flips is flaky', parseWhole)
    .option(
      '--stalled <n>',
      'end after so many iterations with the same failures and a reflection; default: 3; 0: never',
      parseWhole,
    )
    .option('--gate', 'stop after each unmet iteration until a person has looked at it')
    .addOption(
      new Option('--on-gate <what>', 'at a gate; default: prompt in a terminal, else wait').choices(ON_GATE),
    )
    .addOption(
      new Option(
        '--protect <mode>',
        "the goal's tests; default: enforce, they are judged as they were",
      ).choices(['enforce', 'report', 'off']),
    )
    .option('--cost <usd>', 'spend at most this much', parseUsd)
    .option('--time <duration>', 'run at most this long, e.g. 30m', parseDuration)
    .option('--tokens <n>', 'use at most so many tokens, e.g. 500k', parseTokens)
    .option('--instructions <text>', 'what the agent should know besides the goal')
    .option(
      '--priority <n>',
      '-100 to 100, default: 0; of the runs that wait for a slot the highest is next',
      parseInteger,
    )
    .option(
      '--network <what>',
      'of sandboxed commands and checks: off, on, or hosts with commas between; default: off',
      parseNetwork,
    )
    .addOption(
      new Option('--sandbox <mode>', 'off: its commands can do what the user of the server can').choices([
        'off',
      ]),
    )
    .option('--trust-config', 'accept the .retrai.yml of the project as it is')
    .option(
      '--allow-command <pattern>',
      'commands that need not be asked about, e.g. "git push"; may be repeated',
      collect,
    )
    .option('--ask-command <pattern>', 'commands that a person has to approve; may be repeated', collect)
    .option('--deny-command <pattern>', 'commands that are refused; may be repeated', collect)
    .addOption(
      new Option(
        '--on-ask <what>',
        'a command that needs approval; default: wait, and deny where nobody can be asked',
      ).choices(['wait', 'deny']),
    )
    .option('--detach', 'print the run id and leave it running')
    .option('--timeout <duration>', 'stop following after this time; the run goes on', parseDuration)
    .option('--idempotency-key <key>', 'the same key starts one run, however often it is sent')
    .option('--open', "open the run's page in the browser")
    .addHelpText(
      'before',
      examples(
        ['retrai run', 'the goal the project speaks for'],
        ['retrai run pytest -C ~/app --cost 2', 'make the tests of ~/app pass, for two dollars at most'],
        ['retrai run "Fix the build" --cmd "make" --gate', 'any goal, judged by a command, looked at by you'],
        ['retrai run pytest --and pyright', 'both must hold'],
      ),
    )
}

export const examples = (...rows: [command: string, meaning: string][]) =>
  `Examples:\n${rows.map(([command, meaning]) => `  ${command}\n      ${meaning}`).join('\n')}\n`

export async function run(
  goal: string | undefined,
  options: RunOptions,
  session: Session,
): Promise<ExitCode> {
  const { client, child } = await session.connect()
  let isLeft = false
  const leave = async () => {
    if (!child) return
    isLeft = true
    await child.leave()
    session.output.notice(
      `Its server stays: process ${child.pid} at ${child.url}; end it with \`kill ${child.pid}\` (log: ${child.logFile})`,
    )
  }
  try {
    const started = await start(goal, options, session, client)
    const page = client.pageOf(started.run_id)
    if (options.open) openBrowser(page)
    if (options.detach) {
      await leave()
      if (session.output.isJson) session.output.json(started)
      else session.output.data(started.run_id)
      session.output.progress(page)
      return EXIT.achieved
    }
    session.output.progress(`${started.status === 'queued' ? 'Queued' : 'Started'}: ${page}`)
    const end = await follow(started.run_id, options, { session, client, child, leave })
    return await conclude(end, started.run_id, { session, client, leave })
  } finally {
    if (!isLeft) await child?.stop()
  }
}

async function start(goal: string | undefined, options: RunOptions, session: Session, client: Client) {
  const cwd = path.resolve(session.place.cwd, options.cwd ?? '.')
  const found =
    goal === undefined && options.cmd === undefined ? await detect(cwd, options, session, client) : null
  // Without a goal the server decides as it told us: also where the project's settings name several.
  const first = goal ?? (options.cmd === undefined ? '' : 'shell-goal')
  const body = {
    ...(options.and
      ? severalGoals(
          first || found?.goal || 'shell-goal',
          options.cmd ?? found?.check_command ?? undefined,
          options,
        )
      : oneGoal(first, options.cmd, options)),
    cwd,
    model_name: options.model,
    max_iterations: options.iterations,
    hitl_enabled: options.gate,
    confirm: options.confirm,
    no_progress_iterations: options.stalled,
    protect: options.protect,
    max_cost_usd: options.cost,
    max_minutes: options.time === undefined ? undefined : options.time / 60_000,
    max_tokens: options.tokens,
    instructions: options.instructions,
    priority: options.priority,
    network: options.network,
    sandbox: options.sandbox,
    trust_config: options.trustConfig,
    command_policy: policyOf(options, session),
  }
  const key = options.idempotencyKey
  const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key }
  return client.call(startRun, { body, headers })
}

/** Where nobody sits at the terminal and nobody was told to look, a question would never be answered. */
function isUnattended({ detach, gate, onGate }: RunOptions, { canAsk }: Session): boolean {
  return !canAsk && !detach && !gate && onGate !== 'wait' && onGate !== 'exit'
}

function policyOf(options: RunOptions, session: Session): CommandPolicy | undefined {
  const { allowCommand: allow, askCommand: ask, denyCommand: deny } = options
  const on_ask = options.onAsk ?? (isUnattended(options, session) ? 'deny' : undefined)
  const policy = { allow, ask, deny, on_ask }
  return Object.values(policy).some(value => value !== undefined) ? policy : undefined
}

function refuseUnaccepted(config: ProjectSettings | null, options: RunOptions, session: Session): void {
  if (!config?.decides || config.accepted || options.trustConfig) return
  // With --and its goal would be copied into the request, and nothing would ask.
  if (options.and)
    throw usageError(
      `Nobody has accepted ${config.path}, so its goal is not taken: name the first goal as well, or look at the file and say --trust-config`,
    )
  if (!isUnattended(options, session)) return
  throw usageError(
    `Nobody has accepted ${config.path}, which says what is to be run, and nobody can be asked here. Look at it, then say --trust-config (or --on-gate wait, to have it accepted on the dashboard)`,
  )
}

const oneGoal = (goal: string, check_command: string | undefined, { option }: RunOptions) => ({
  goal,
  check_command,
  goal_options: option,
})

const severalGoals = (goal: string, check_command: string | undefined, { option, and = [] }: RunOptions) => ({
  goals: [{ goal, check_command, goal_options: option }, ...and.map(other => ({ goal: other }))],
})

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value]

/** `runs=5`, `files=["a.txt"]`: JSON where it is some, else text. */
function collectOption(text: string, before: Record<string, unknown> | undefined): Record<string, unknown> {
  const at = text.indexOf('=')
  if (at <= 0) throw usageError(`--option takes name=value, not ${text}`)
  const value = text.slice(at + 1)
  try {
    return { ...before, [text.slice(0, at)]: JSON.parse(value) }
  } catch {
    return { ...before, [text.slice(0, at)]: value }
  }
}

async function detect(cwd: string, options: RunOptions, session: Session, client: Client) {
  const { output } = session

  const { candidates, config } = await client.call(detectGoals, { body: { cwd } })
  refuseUnaccepted(config, options, session)
  const [best, ...others] = candidates
  // The server refuses it, or knows better: the project's settings may name several goals.
  if (!best) return null
  const also =
    others.length === 0 ? '' : `; also possible: ${others.map(other => oneLine(other.goal)).join(', ')}`
  output.progress(`Goal: ${oneLine(best.goal)} (${oneLine(best.why)}${also})`)
  return best
}

interface Around {
  session: Session
  client: Client
  child: ChildServer | null
  leave(): Promise<void>
}

function follow(
  runId: string,
  options: RunOptions,
  { session, client, child, leave }: Around,
): Promise<WatchEnd> {
  const { output, canAsk, place } = session
  const onGate = options.onGate ?? (canAsk ? 'prompt' : 'wait')

  async function atGate(gate: Gate, signal: AbortSignal) {
    if (onGate === 'prompt' && canAsk) return promptAtGate({ client, session, gate }, signal)
    if (onGate === 'approve' || onGate === 'abort') {
      const decision = decisionUnseen(onGate, gate)
      if (decision !== onGate)
        output.notice(`${waitingLine(client, gate)}; --on-gate approves iterations only: ${decision}`)
      const body = { decision, gate_id: gate.payload.gate_id }
      await patiently(() => client.call(resumeRun, { params: { run_id: runId }, body }), { signal })
      return 'go on'
    }
    output.notice(waitingLine(client, gate))
    return onGate === 'exit' ? 'leave' : 'go on'
  }

  async function abort() {
    try {
      await client.call(abortRun, { params: { run_id: runId }, body: { reason: 'Ctrl-C in the terminal' } })
    } catch (error) {
      if (!(error instanceof CliError) || error.exitCode !== EXIT.conflict) throw error // it has just ended by itself
    }
    return 'end with the run' as const
  }

  async function atInterrupt(again: AbortSignal) {
    const short = shortId(runId)
    if (child) {
      if (!canAsk) {
        output.notice(
          'Aborting the run: its server was started for it and ends with this command (see --detach).',
        )
        return abort()
      }
      const question = '[a]bort the run  [k]eep it running in the background  [c]ontinue: '
      const reply = await ask({ ...place, question, signal: again })
      const choice = reply.kind === 'answer' ? reply.text.toLowerCase() : 'a'
      if (choice.startsWith('a')) return abort()
      if (!choice.startsWith('k')) return 'go on'
      await leave()
      output.notice(`Follow it again: retrai logs -f ${short}`)
      return 'leave'
    }
    output.notice(`The run goes on. Follow it again: retrai logs -f ${short} · end it: retrai abort ${short}`)
    if (!canAsk) return 'leave'
    output.notice('Ctrl-C again within 2 s aborts it.')
    return (await isAbortedWithin(again, 2000)) ? abort() : 'leave'
  }

  return watchRun({
    client,
    runId,
    timeoutMs: options.timeout,
    serverEnded: child?.ended,
    show: createShow(output),
    onReconnect: () => output.progress('The connection was lost; connecting again'),
    atGate,
    atInterrupt,
  })
}

/** Whoever approves each iteration beforehand has not seen the command, or the settings: these are not meant. */
function decisionUnseen(onGate: 'approve' | 'abort', { payload }: Gate): 'approve' | 'deny' | 'abort' {
  if (onGate === 'abort') return 'abort'
  return payload.command ? 'deny' : payload.config ? 'abort' : 'approve'
}

/** Events as NDJSON on stdout, or as lines for people on stderr. */
export function createShow(output: Output): (event: RunEvent) => void {
  if (output.isJson) return event => output.json(event)
  const lines = createEventLines({ paint: output.paintProgress, width: output.progressWidth })
  return event => {
    for (const line of lines.linesOf(event)) output.progress(line)
    const current = lines.current()
    if (current !== null) output.transient(`… ${current}`)
  }
}

async function conclude(
  end: WatchEnd,
  runId: string,
  { session, client, leave }: Omit<Around, 'child'>,
): Promise<ExitCode> {
  const { output } = session
  switch (end.kind) {
    case 'ended':
      if (!output.isJson) {
        const run = await patiently(() => client.call(getRun, { params: { run_id: runId } }))
        for (const line of summaryLines(run, client.pageOf(runId), output.paint)) output.data(line)
      }
      return exitCodeOfStatus(end.status)
    case 'timeout':
      output.notice(
        `Not ended within --timeout; the run goes on. Follow it again: retrai logs -f ${shortId(runId)}`,
      )
      await leave()
      return EXIT.timeout
    case 'waiting':
      await leave()
      return EXIT.waiting
    case 'interrupted':
      return EXIT.interrupted
  }
}

function isAbortedWithin(signal: AbortSignal, ms: number): Promise<boolean> {
  return new Promise(resolve => {
    if (signal.aborted) return resolve(true)
    const timer = setTimeout(resolve, ms, false)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve(true)
    })
  })
}
