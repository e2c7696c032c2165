// What a command works with, made from where it runs and the options every command has.
import type { Readable } from 'node:stream'
import type { Command } from 'commander'
import { messageOf } from '#lib/errors'
import { type ChildServer, DEFAULT_PORT, preferredPort, startChildServer } from './child-server.ts'
import { CliError } from './cli-error.ts'
import { type Client, createClient, isServing } from './client.ts'
import { EXIT } from './exit-codes.ts'
import { createOutput, type Output, type Stream } from './output.ts'
import { parseServer } from './parse-options.ts'
import { tokenFor } from './token.ts'
import { exposed, readUserConfig, type UserConfig, userConfigFile } from './user-config.ts'

/** Where the command line runs. */
export interface Place {
  /** The package's folder. */
  root: string
  version: string
  env: NodeJS.ProcessEnv
  cwd: string
  stdin: Readable & { isTTY?: boolean }
  stdout: Stream
  stderr: Stream
  /** In a checkout: builds what the sources have outrun. */
  ensureBuild(parts: { pages: boolean }): Promise<void>
}

export interface GlobalOptions {
  server?: string
  token?: string
  json?: boolean
  quiet?: boolean
  verbose?: boolean
  color: boolean
  input: boolean
}

export interface Session {
  place: Place
  output: Output
  token: string | null
  /** Whether a question would be seen and could be answered. */
  canAsk: boolean
  /** What this person keeps for all their commands. */
  kept: UserConfig
  /** Whether a server was named, by option, variable or what is kept: then no other will do. */
  isNamed: boolean
  /** The server that was named, or the usual one, running or not. */
  client: Client
  /** A client of a server that answers: the named one, the usual one, or a new one that the caller has to stop. */
  connect(): Promise<{ client: Client; child: ChildServer | null }>
}

export function createSession(place: Place, command: Command): Session {
  const options = command.optsWithGlobals<GlobalOptions>()
  const { env, stdin, stdout, stderr } = place
  const { json, quiet } = options
  const output = createOutput({ stdout, stderr, env, json, quiet, noColour: !options.color })
  const file = userConfigFile(env)
  const kept = readUserConfig(file)
  const warning = exposed(file, kept)
  if (warning) output.notice(warning)
  const asked = env.RETRAI_SERVER || kept.server
  const named = options.server ?? (asked ? parseServer(asked) : null)
  const usualPort = Number(env.PORT) || DEFAULT_PORT
  const server = named ?? `http://127.0.0.1:${usualPort}`
  const token = tokenFor({ flag: options.token, variable: env.RETRAI_TOKEN, config: kept, server })
  const onAnswer = options.verbose
    ? (line: string) => output.notice(output.paintProgress('dim', line))
    : undefined
  const client = createClient({ server, token, onAnswer })

  return {
    place,
    output,
    token,
    canAsk: options.input && !json && !env.CI && stdin.isTTY === true && stderr.isTTY === true,
    kept,
    isNamed: named !== null,
    client,
    async connect() {
      if (named !== null || (await isServing(client.server))) return { client, child: null }
      const port = await preferredPort(usualPort)
      const child = await startServer(place, {
        port,
        env: { HOST: '127.0.0.1', RETRAI_TOKEN: token ?? undefined },
      })
      output.progress(`No server answers on ${client.server}; started one for this at ${child.url}`)
      return { client: createClient({ server: child.url, token, onAnswer }), child }
    },
  }
}

/** Starts a server of our own, built first where it has to be. `undefined` takes a variable away. */
export async function startServer(
  place: Place,
  { port, env }: { port: number; env: Record<string, string | undefined> },
): Promise<ChildServer> {
  await ensureServerBuild(place)
  return startChildServer({ root: place.root, port, env: { ...place.env, ...env } })
}

export async function ensureServerBuild(place: Place): Promise<void> {
  try {
    await place.ensureBuild({ pages: true })
  } catch (error) {
    throw new CliError(EXIT.error, messageOf(error), { cause: error })
  }
}
