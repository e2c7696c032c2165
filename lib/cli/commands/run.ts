// retrai run: starts a run and stays with it to its end.
import path from 'node:path'
import { type Command, Option } from 'commander'
import type { CommandPolicy } from '#lib/contract/command-policy'
import { detectGoals, type ProjectSettings } from '#lib/contract/goals'
import type { Network } from '#lib/contract/network'
import { type RunStarted, startRun } from '#lib/contract/runs'
import { attendRun, ON_GATE, type OnGate } from '../attend-run.ts'
import { usageError } from '../cli-error.ts'
import type { Client } from '../client.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { type GateOptions, gateOptions, newGatePolicyOf } from '../gate-options.ts'
import { oneLine } from '../harmless.ts'
import { openBrowser } from '../open-browser.ts'
import {
  parseDuration,
  parseInteger,
  parseNetwork,
  parseTokens,
  parseUsd,
  parseWhole,
} from '../parse-options.ts'
import { keptFor } from '../run-defaults.ts'
import type { Session } from '../session.ts'

export interface RunOptions extends GateOptions {
  /** Of rerun alone. */
  continue?: boolean
  cwd?: string
  model?: string
  iterations?: number
  cmd?: string
  and?: string[]
  option?: Record<string, unknown>
  confirm?: number
  stalled?: number
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
  command
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
  return attendOptions(limitOptions(gateOptions(command))).addHelpText(
    'before',
    examples(
      ['retrai run', 'the goal the project speaks for'],
      ['retrai run pytest -C ~/app --cost 2', 'make the tests of ~/app pass, for two dollars at most'],
      ['retrai run "Fix the build" --cmd "make" --gate', 'any goal, judged by a command, looked at by you'],
      [
        'retrai run pytest --gate flags --gate-timeout 30m',
        'looked at only where tests were edited and the like; aborted after 30 minutes without an answer',
      ],
      ['retrai run pytest --and pyright', 'both must hold'],
      ['retrai run pytest --json | jq -r \'select(.kind == "goal_check").payload.reason\'', 'for a script'],
    ),
  )
}

/** What a run is held to. */
export function limitOptions(command: Command): Command {
  return command
    .option('--confirm <n>', 'run a green check so many times more; one that flips is flaky', parseWhole)
    .option(
      '--stalled <n>',
      'end after so many iterations with the same failures and a reflection; default: 3; 0: never',
      parseWhole,
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
    .option('--note, --instructions <text>', 'what the agent should know besides the goal')
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
    .option('--idempotency-key <key>', 'the same key starts one run, however often it is sent')
}

/** How the command stays with the run. */
export function attendOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--on-gate <what>', 'at a gate; default: prompt in a terminal, else wait').choices(ON_GATE),
    )
    .option('--detach', 'print the run id and leave it running')
    .addOption(new Option('--follow', 'stay with it to its end, as it does anyway').conflicts('detach'))
    .option('--timeout <duration>', 'stop following after this time; the run goes on', parseDuration)
    .option('--web, --open', "open the run's page in the browser")
}

export const examples = (...rows: [command: string, meaning: string][]) =>
  `Examples:\n${rows.map(([command, meaning]) => `  ${command}\n      ${meaning}`).join('\n')}\n`

export const run = (goal: string | undefined, options: RunOptions, session: Session): Promise<ExitCode> =>
  startAndAttend(options, session, client => start(goal, options, session, client))

/** Starts what `begin` says, and stays with it as the options say. */
export async function startAndAttend(
  options: Pick<RunOptions, 'open' | 'detach' | 'onGate' | 'timeout'>,
  session: Session,
  begin: (client: Client) => Promise<RunStarted>,
): Promise<ExitCode> {
  const { client, child } = await session.connect()
  const { output } = session
  let isLeft = false
  const leave = async () => {
    if (!child) return
    isLeft = true
    await child.leave()
    output.notice(
      `Its server stays: process ${child.pid} at ${child.url}; end it with \`kill ${child.pid}\` (log: ${child.logFile})`,
    )
  }
  try {
    const started = await begin(client)
    const page = client.pageOf(started.run_id)
    if (options.open) openBrowser(page)
    if (options.detach) {
      await leave()
      if (output.isJson) output.json(started)
      else output.data(started.run_id)
      output.progress(page)
      return EXIT.achieved
    }
    output.progress(`${started.status === 'queued' ? 'Queued' : 'Started'}: ${output.link(page)}`)
    return await attendRun(started.run_id, options, { session, client, child, leave })
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
    ...limitsOf(options, session),
    gate_policy: newGatePolicyOf(options),
  }
  Object.assign(body, await keptFor(session.kept, body, { client, cwd }))
  return client.call(startRun, { body, headers: keyHeader(options) })
}

export const limitsOf = (options: RunOptions, session: Session) => ({
  max_iterations: options.iterations,
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
})

/** Where nobody sits at the terminal and nobody was told to look, a question would never be answered. */
function isUnattended({ detach, gate, onGate }: RunOptions, { canAsk }: Session): boolean {
  const isGated = gate === 'each' || gate === 'flags'
  return !canAsk && !detach && !isGated && onGate !== 'wait' && onGate !== 'exit'
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

export const keyHeader = ({ idempotencyKey: key }: RunOptions): Record<string, string> =>
  key === undefined ? {} : { 'idempotency-key': key }

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
