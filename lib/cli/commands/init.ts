// retrai init: writes the project's settings, with the goal its files speak for.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { acceptConfig, detectGoals } from '#lib/contract/goals'
import { messageOf } from '#lib/errors'
import { CliError, usageError } from '../cli-error.ts'
import type { Client } from '../client.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { oneLine } from '../harmless.ts'
import type { Session } from '../session.ts'
import { examples } from './run.ts'

const FILE = '.retrai.yml'

export interface InitOptions {
  cwd?: string
  cmd?: string
  force?: boolean
}

export function describeInit(command: Command): Command {
  return command
    .description(`write ${FILE}, the settings of a project`)
    .argument('[goal]', 'default: what the project speaks for')
    .option('-C, --cwd <dir>', 'the project; default: this directory')
    .option('--cmd <command>', 'the command that decides whether the goal is met')
    .option('--force', 'also when there is one already')
    .addHelpText(
      'before',
      examples(
        ['retrai init', 'find out what this project’s goal is, and write it down'],
        ['retrai init "Keep the build reproducible" --cmd "sh check.sh"', 'a goal of your own'],
      ),
    )
}

export async function init(
  goal: string | undefined,
  options: InitOptions,
  session: Session,
): Promise<ExitCode> {
  const cwd = path.resolve(session.place.cwd, options.cwd ?? '.')
  const file = path.join(cwd, FILE)
  if (!options.force && existsSync(file)) throw isThere(file)
  const { client, child } = await session.connect()
  try {
    const chosen =
      goal === undefined && options.cmd === undefined
        ? await detected(cwd, session, client)
        : { goal: goal ?? 'shell-goal', check_command: options.cmd ?? null, others: [] }
    const text = settingsText(chosen)
    await writeFile(file, text, { flag: options.force ? 'w' : 'wx' }).catch(error => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      throw isThere(file)
    })
    await accept(cwd, text, session, client)
    print(file, chosen, session)
    return EXIT.achieved
  } finally {
    await child?.stop()
  }
}

/** Whoever has it written has accepted it: their runs need not ask. */
async function accept(cwd: string, text: string, { output }: Session, client: Client): Promise<void> {
  const sha256 = createHash('sha256').update(text).digest('hex')
  try {
    await client.call(acceptConfig, { body: { cwd, sha256 } })
  } catch (error) {
    output.notice(
      `The first run will ask whether to obey it, as it could not be accepted now: ${messageOf(error)}`,
    )
  }
}

function print(file: string, chosen: Chosen, session: Session): void {
  if (session.output.isJson)
    session.output.json({ file, goal: chosen.goal, check_command: chosen.check_command })
  else {
    session.output.data(file)
    session.output.progress(
      `Goal: ${oneLine(chosen.goal)}. \`retrai check\` runs its check once, \`retrai run\` starts a run.`,
    )
  }
}

const isThere = (file: string) =>
  new CliError(EXIT.conflict, `${file} is there already; --force writes it anew`)

interface Chosen {
  goal: string
  check_command: string | null
  /** Goals that fit as well, with why. */
  others: { goal: string; why: string }[]
}

async function detected(cwd: string, session: Session, client: Client): Promise<Chosen> {
  const { candidates } = await client.call(detectGoals, { body: { cwd } })
  const fresh = candidates.filter(({ why }) => !why.startsWith(FILE))
  const [best, ...others] = fresh.length > 0 ? fresh : candidates
  if (!best)
    throw usageError(
      `Nothing in ${cwd} says what its goal is; name one (see \`retrai goals\`) or give a command with --cmd`,
    )
  session.output.progress(`${oneLine(best.goal)}: ${oneLine(best.why)}`)
  return { goal: best.goal, check_command: best.check_command, others }
}

/** What is set, and what could be, as comments. */
export function settingsText({ goal, check_command, others }: Chosen): string {
  const lines = [
    '# Settings of this project for retrAI: what a run takes that says nothing else.',
    '# All of them: GET /retrai.schema.json of a server.',
    stringify({ goal, ...(check_command !== null && { check_command }) }).trimEnd(),
  ]
  if (others.length > 0)
    lines.push(
      '',
      '# Several goals at once, all must hold:',
      `# goals: [${[goal, ...others.map(other => other.goal)].slice(0, 4).join(', ')}]`,
    )
  lines.push(
    '',
    '# protect: enforce        # the tests are judged as they were at the start; or report, off, a list of patterns',
    '# confirm: 1              # run a green check once more',
    '# max_iterations: 20',
    '# max_cost_usd: 2',
    '# max_minutes: 30',
    '',
  )
  return lines.join('\n')
}
