// What a person keeps for every use of the command line on this machine: a small JSON file, theirs alone because a token may
// be in it. Options, variables and a project's .retrai.yml go before it.
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { InvalidArgumentError } from 'commander'
import { z } from 'zod'
import { messageOf } from '#lib/errors'
import { usageError } from './cli-error.ts'
import { parseDuration, parseServer, parseTokens, parseUsd, parseWhole } from './parse-options.ts'

/** As it is written: what each setting takes is what its option takes. */
const UserConfigFile = z.strictObject({
  server: z.string().optional(),
  token: z.string().optional(),
  model: z.string().optional(),
  iterations: z.string().optional(),
  cost: z.string().optional(),
  time: z.string().optional(),
  tokens: z.string().optional(),
})
export type UserConfig = z.infer<typeof UserConfigFile>
export type ConfigKey = keyof UserConfig

interface Setting {
  means: string
  /** Throws InvalidArgumentError with what it should be. */
  read(text: string): unknown
}

export const SETTINGS: Record<ConfigKey, Setting> = {
  server: { means: 'the server to talk to, as --server', read: parseServer },
  token: { means: 'its token, as --token; sent to no other server', read: parseToken },
  model: { means: 'the model of new runs, as --model', read: parseName },
  iterations: { means: 'attempts at most, as --iterations', read: parseWhole },
  cost: { means: 'dollars at most, as --cost', read: parseUsd },
  time: { means: 'the longest time, as --time', read: parseDuration },
  tokens: { means: 'tokens at most, as --tokens', read: parseTokens },
}
export const CONFIG_KEYS = Object.keys(SETTINGS) as ConfigKey[] // the record above has exactly these

export function userConfigFile(env: NodeJS.ProcessEnv): string {
  if (env.RETRAI_CONFIG) return path.resolve(env.RETRAI_CONFIG)
  const base = env.XDG_CONFIG_HOME || path.join(env.HOME || os.homedir(), '.config')
  return path.join(base, 'retrai', 'config.json')
}

/** Empty where there is none. Throws CliError, naming the file, where it is no such file. */
export function readUserConfig(file: string): UserConfig {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return {}
    throw usageError(`${file} cannot be read: ${messageOf(error)}`)
  }
  try {
    const config = UserConfigFile.parse(JSON.parse(text))
    for (const key of CONFIG_KEYS) if (config[key] !== undefined) readSetting(key, config[key])
    return config
  } catch (error) {
    throw usageError(
      `${file} is not as \`retrai config set\` writes it (${whyNot(error)}): mend or remove it`,
    )
  }
}

/** Why others of this machine could read a token in it; null when they cannot. */
export function exposed(file: string, { token }: UserConfig): string | null {
  if (token === undefined || process.platform === 'win32') return null
  return (statSync(file).mode & 0o077) === 0
    ? null
    : `Others can read the token in ${file}: chmod 600 ${file}`
}

/** Whole or not at all, readable by this user alone. */
export function writeUserConfig(file: string, config: UserConfig): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(temporary, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw usageError(`${file} cannot be written: ${messageOf(error)}`)
  }
}

/** The value as its option would have it. Throws CliError. */
export function readSetting(key: ConfigKey, text: string): unknown {
  try {
    return SETTINGS[key].read(text)
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw usageError(`${key}: ${error.message}`)
    throw error
  }
}

function whyNot(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error)
  const [issue] = error.issues
  return [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')
}

export function parseToken(text: string): string {
  if (!/^[\x21-\x7e]{16,}$/.test(text))
    throw new InvalidArgumentError(
      'Give 16 characters or more, without spaces; `retrai token --new` makes one.',
    )
  return text
}

function parseName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Give the name of a model (see `retrai models`).')
  return text
}
