// retrai config: what a person keeps for every use of the command line.
import type { Command } from 'commander'
import { CliError, usageError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { spelled } from '../harmless.ts'
import type { Output } from '../output.ts'
import type { Session } from '../session.ts'
import { tableLines } from '../table.ts'
import {
  CONFIG_KEYS,
  type ConfigKey,
  readSetting,
  readUserConfig,
  SETTINGS,
  type UserConfig,
  userConfigFile,
  writeUserConfig,
} from '../user-config.ts'
import { examples } from './run.ts'

const ACTIONS = ['list', 'get', 'set', 'unset', 'path'] as const
type Action = (typeof ACTIONS)[number]

export const describeConfig = (command: Command): Command =>
  command
    .description('what holds for all your commands on this machine')
    .argument('[action]', `${ACTIONS.join(', ')}; default: list`)
    .argument('[key]', CONFIG_KEYS.join(', '))
    .argument(
      '[value]',
      'as its option takes it; - reads it from stdin, so that a token stays out of the history',
    )
    .addHelpText(
      'before',
      examples(
        ['retrai config set server https://runs.example:8000', 'talk to that server'],
        ['retrai config set token - < token.txt', 'with this token, which is shown to nobody'],
        ['retrai config set cost 5', 'new runs spend five dollars at most, unless they say otherwise'],
        ['retrai config', 'what is set'],
      ),
    )

export async function config(
  action: string = 'list',
  key: string | undefined,
  value: string | undefined,
  { place, output }: Session,
): Promise<ExitCode> {
  if (!isAction(action)) throw usageError(`There is no “retrai config ${action}”: give ${ACTIONS.join(', ')}`)
  const file = userConfigFile(place.env)
  if (action === 'path') {
    say(file, { path: file }, output)
    return EXIT.achieved
  }
  const kept = readUserConfig(file)
  if (action === 'list') {
    list(kept, output)
    return EXIT.achieved
  }
  const name = keyOf(key)
  if (action === 'get') {
    const found = shown(kept)[name]
    if (found === undefined) throw new CliError(EXIT.notFound, `${name} is not set: ${SETTINGS[name].means}`)
    say(found, { [name]: found }, output)
    return EXIT.achieved
  }
  const { [name]: _, ...others } = kept
  if (action === 'unset') writeUserConfig(file, others)
  else {
    if (value === undefined) throw usageError(`Give the value too: retrai config set ${name} …`)
    const text = value === '-' ? (await place.stdin.toArray()).join('').trim() : value
    readSetting(name, text)
    const { token: _token, ...withoutToken }: UserConfig = others
    // A kept token is for the server it was kept with.
    const isOtherServer = name === 'server' && kept.server !== undefined && kept.server !== text
    writeUserConfig(file, { ...(isOtherServer ? withoutToken : others), [name]: text })
    if (isOtherServer && kept.token !== undefined)
      output.progress('The token that was kept is forgotten: it was for the server before')
  }
  output.progress(`Written to ${file}`)
  return EXIT.achieved
}

const isAction = (text: string): text is Action => ACTIONS.some(known => known === text)

function keyOf(text: string | undefined): ConfigKey {
  const name = text?.replaceAll('-', '_')
  const key = CONFIG_KEYS.find(known => known === name)
  if (key === undefined)
    throw usageError(
      `${text === undefined ? 'Give' : `There is no “${text}”: give`} one of ${CONFIG_KEYS.join(', ')}`,
    )
  return key
}

/** Whether there is a token, and which, without what would let somebody in. */
const shown = (config: UserConfig): UserConfig =>
  config.token === undefined ? config : { ...config, token: `…${config.token.slice(-4)}` }

function list(config: UserConfig, output: Output): void {
  const known = shown(config)
  if (output.isJson) {
    output.json(known)
    return
  }
  const rows = CONFIG_KEYS.map(key => [key, spelled(known[key] ?? ''), SETTINGS[key].means])
  const columns = [{ title: 'SETTING' }, { title: 'VALUE' }, { title: 'MEANS', flexible: true }]
  const cells = rows.map(row => row.map(text => ({ text })))
  for (const line of tableLines(columns, cells, output.width)) output.data(line)
}

function say(line: string, value: object, output: Output): void {
  if (output.isJson) output.json(value)
  else output.data(spelled(line))
}
