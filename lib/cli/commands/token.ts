// retrai token: the token that commands send, or a new one, and how it is used.
import type { Command } from 'commander'
import { usageError } from '../cli-error.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Session } from '../session.ts'
import { newToken } from '../token.ts'
import { readSetting, readUserConfig, userConfigFile, writeUserConfig } from '../user-config.ts'
import { examples } from './run.ts'

export interface TokenOptions {
  new?: boolean
  save?: boolean
}

export const describeToken = (command: Command): Command =>
  command
    .description('the token that commands send, or a new one, and how to use it')
    .option('--new', 'make another one, also where there is one')
    .option('--save', 'keep it for your commands on this machine')
    .addHelpText(
      'before',
      examples(
        ['retrai token --new --save', 'make one and keep it; `retrai serve --token auto` wants it then'],
        ['export RETRAI_TOKEN="$(retrai token)"', 'for a shell'],
        ['curl -H "Authorization: Bearer $(retrai token)" …', 'for a program'],
      ),
    )

export async function token(
  options: TokenOptions,
  { token: known, place, output }: Session,
): Promise<ExitCode> {
  if (options.save && !options.new && known === null)
    throw usageError('There is no token to keep: make one with `retrai token --new --save`')
  const isNew = options.new || known === null
  const text = isNew ? newToken() : known
  const file = userConfigFile(place.env)
  if (options.save) readSetting('token', text) // said now, not by every command that follows
  if (options.save) writeUserConfig(file, { ...readUserConfig(file), token: text })
  if (output.isJson) output.json({ token: text, is_new: isNew, saved: options.save === true })
  else output.data(text)
  for (const line of howTo(isNew, options.save === true, file)) output.progress(line)
  return EXIT.achieved
}

function howTo(isNew: boolean, isSaved: boolean, file: string): string[] {
  if (isSaved)
    return [
      `Kept in ${file}: your commands send it, and \`retrai serve --token auto\` wants it from everybody.`,
      'Programs send it as `Authorization: Bearer …`; a browser gets in with the address that the server prints.',
    ]
  if (!isNew) return ['This is the token your commands send. Programs send it as `Authorization: Bearer …`.']
  return [
    'A new token, kept nowhere. Start a server with it:  RETRAI_TOKEN=… retrai serve --host 0.0.0.0',
    'Your commands send it with RETRAI_TOKEN=…, or always after `retrai config set token -`;',
    'programs as `Authorization: Bearer …`; a browser gets in with the address that the server prints.',
  ]
}
