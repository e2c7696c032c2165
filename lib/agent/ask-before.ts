// Gates that open before something is run: one command of the agent, or what a project's settings say. Nothing of it has been
// executed, and the journal alone says what was asked, so that an approval means exactly that, also after a restart.
import type { NewEvent, Payload } from '#lib/contract/event'
import { spellOut } from '#lib/policy/spell-out'
import type { Ruling } from './command-ruling.ts'
import type { AgentDeps } from './deps.ts'
import { sensitiveFlags } from './flags.ts'
import type { Call } from './state.ts'
import { stepStart } from './step.ts'

const SUMMARY_CHARS = 200

export async function askAboutCommand(deps: AgentDeps, call: Call, ruling: Ruling): Promise<void> {
  const { command, cwd, rule, why } = ruling
  const shown = command.length > SUMMARY_CHARS ? `${command.slice(0, SUMMARY_CHARS)}…` : command
  await open(deps, {
    kind: 'command',
    summary: `The agent wants to run a command that ${why}: ${spellOut(shown)}`,
    command: { call_id: call.id, command, cwd: cwd ?? '.', rule: rule ?? '', why },
  })
}

/** Settings that came with the project, and that nobody has accepted as they are. */
export const needsAcceptance = ({ askedConfig, state }: AgentDeps): boolean =>
  askedConfig !== null && !state.isConfigAccepted && state.firstCheck === null

export async function askAboutConfig(deps: AgentDeps): Promise<void> {
  const config = deps.askedConfig! // the caller has seen that there is one
  const commands = config.goals.map(({ goal, check_command }) => check_command ?? goal).join(' · ')
  await open(deps, {
    kind: 'config',
    summary: `The settings of this project (.retrai.yml) are new or changed, and nobody has accepted them yet. They would run: ${spellOut(commands.slice(0, SUMMARY_CHARS))}`,
    config,
  })
}

type Asked = Pick<Payload<'human_check_required'>, 'kind' | 'summary' | 'command' | 'config'>

async function open(deps: AgentDeps, asked: Asked): Promise<void> {
  const { state } = deps
  const { iteration } = state
  const gate: NewEvent = {
    kind: 'human_check_required',
    iteration,
    payload: {
      ...asked,
      iteration,
      gate_id: deps.newId(),
      diff_stat: null,
      diff_hash: null,
      total_diff_stat: null,
      flags: sensitiveFlags(state.sensitive),
      cost_usd: state.costUsd,
      iteration_cost_usd: state.iterationCostUsd,
      failing_before: null,
      tests: null,
      agent_says: state.lastText,
    },
  }
  await deps.emit([stepStart(deps, 'human_check', iteration), gate])
}
