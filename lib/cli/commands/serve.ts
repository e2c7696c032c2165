// retrai serve: this very process becomes the server, so that signals and exit code are the server's own.
import path from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import { type Command, Option } from 'commander'
import { type Network, networkText } from '#lib/contract/network'
import { STAY } from '../child-server.ts'
import { openBrowser } from '../open-browser.ts'
import { parseNetwork, parsePort, parseWhole } from '../parse-options.ts'
import { ensureServerBuild, type GlobalOptions, type Place } from '../session.ts'
import { newToken } from '../token.ts'
import { readUserConfig, userConfigFile, writeUserConfig } from '../user-config.ts'
import { examples } from './run.ts'

export interface ServeOptions extends Pick<GlobalOptions, 'token'> {
  port?: number
  host?: string
  dataDir?: string
  cwd?: string
  roots?: string[]
  maxParallel?: number
  maxQueued?: number
  sandbox?: 'auto' | 'require' | 'off'
  sandboxRead?: string[]
  network?: Network
  open?: boolean
  endWithParent?: boolean
}

export function describeServe(command: Command): Command {
  return command
    .description('start the server and its dashboard')
    .option('-p, --port <port>', 'default: PORT or 8000; 0 is any free one', parsePort)
    .option('--host <host>', 'default: HOST or 127.0.0.1; any other needs a token')
    .option('--data-dir <dir>', 'where runs are kept; default: RETRAI_DATA_DIR or ~/.local/share/retrai')
    .option('-C, --cwd <dir>', 'the project of runs that name none; default: this directory')
    .option(
      '--roots <dir...>',
      'runs work only in and below these; default: RETRAI_ALLOWED_ROOTS, or wherever a project may be',
    )
    .option('--max-parallel <n>', 'runs at work at a time; default: RETRAI_MAX_PARALLEL or 4', parseWhole)
    .option(
      '--max-queued <n>',
      'runs that may wait for a slot; default: RETRAI_MAX_QUEUED or 100',
      parseWhole,
    )
    .addOption(
      new Option(
        '--sandbox <mode>',
        'of commands and checks; default: RETRAI_SANDBOX or auto, where it works; require: refuse to start without',
      ).choices(['auto', 'require', 'off']),
    )
    .option('--sandbox-read <dir>', 'what sandboxed commands may read besides; may be repeated', collect)
    .option(
      '--network <what>',
      'the most that a run may ask for: off, on, or hosts with commas between; default: RETRAI_NETWORK, or anything',
      parseNetwork,
    )
    .option('--open', 'open the dashboard in the browser')
    .addHelpText(
      'before',
      examples(
        ['retrai serve', 'on http://127.0.0.1:8000'],
        ['retrai serve --port 9000 --data-dir ./data', 'elsewhere'],
        ['RETRAI_TOKEN=… retrai serve --host 0.0.0.0', 'for other machines, which need the token'],
        [
          'retrai serve --host 0.0.0.0 --token auto',
          'with the token you keep, or a new one that is kept for you',
        ],
        ['retrai serve --roots ~/code ~/work', 'for projects below these two alone'],
      ),
    )
    .addHelpText(
      'after',
      '\n--token is that of this server: auto is the one you keep, made and kept where there is none; none goes without,\n' +
        'whatever RETRAI_TOKEN says.\n' +
        'By environment too: PORT, HOST, RETRAI_DATA_DIR, RETRAI_TOKEN, RETRAI_ALLOWED_ROOTS (with colons between),\n' +
        'RETRAI_MAX_PARALLEL, RETRAI_MAX_QUEUED,\n' +
        'RETRAI_SANDBOX, RETRAI_SANDBOX_READ (places, separated by colons), RETRAI_NETWORK,\n' +
        'RETRAI_DRAIN_SECONDS (how long what runs may take to end when the server is stopped; default: 10),\n' +
        'RETRAI_WEBHOOK_URL and RETRAI_WEBHOOK_SECRET (who is told when a run needs somebody, ends or holds, signed),\n' +
        'RETRAI_PUBLIC_URL (where people reach the dashboard, for links in it),\n' +
        'ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL.',
    )
}

export async function serve(options: ServeOptions, place: Place): Promise<void> {
  await ensureServerBuild(place)
  const token = options.token === 'auto' ? keptToken(place) : options.token
  Object.assign(process.env, serveEnvironment({ ...options, token }, place.cwd))
  if (options.endWithParent) endWithParent()
  if (options.open) openWhenListening()
  await import(pathToFileURL(path.join(place.root, 'dist/server.mjs')).href)
}

/** Flags as the variables the server reads; a flag beats a variable. */
export function serveEnvironment(options: ServeOptions, cwd: string): Record<string, string> {
  const { port, host, dataDir, maxParallel, maxQueued, sandbox, sandboxRead, network, token, roots } = options
  return {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    ...(port === undefined ? {} : { PORT: String(port) }),
    ...(host === undefined ? {} : { HOST: host }),
    ...(dataDir === undefined ? {} : { RETRAI_DATA_DIR: path.resolve(cwd, dataDir) }),
    ...(maxParallel === undefined ? {} : { RETRAI_MAX_PARALLEL: String(maxParallel) }),
    ...(maxQueued === undefined ? {} : { RETRAI_MAX_QUEUED: String(maxQueued) }),
    ...(sandbox === undefined ? {} : { RETRAI_SANDBOX: sandbox }),
    ...(sandboxRead === undefined
      ? {}
      : { RETRAI_SANDBOX_READ: sandboxRead.map(place => path.resolve(cwd, place)).join(path.delimiter) }),
    ...(network === undefined ? {} : { RETRAI_NETWORK: networkText(network) }),
    ...(options.cwd === undefined ? {} : { RETRAI_CWD: path.resolve(cwd, options.cwd) }),
    ...(roots === undefined
      ? {}
      : { RETRAI_ALLOWED_ROOTS: roots.map(root => path.resolve(cwd, root)).join(path.delimiter) }),
    // An empty variable is none.
    ...(token === undefined ? {} : { RETRAI_TOKEN: token === 'none' ? '' : token }),
  }
}

/** So that the commands of this person are let in, and nobody else. */
function keptToken({ env, stderr }: Pick<Place, 'env' | 'stderr'>): string {
  if (env.RETRAI_TOKEN) return env.RETRAI_TOKEN
  const file = userConfigFile(env)
  const kept = readUserConfig(file)
  if (kept.token !== undefined) return kept.token
  const token = newToken()
  writeUserConfig(file, { ...kept, token })
  stderr.write(`A token was made and is kept in ${file}: your commands send it. To see it: retrai token\n`)
  return token
}

const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value]

/** For the server of `retrai run`: not left behind when its parent is gone, however that ended. */
function endWithParent() {
  let stays = false
  process.on('message', message => {
    stays ||= message === STAY
  })
  process.on('disconnect', () => {
    if (!stays) process.kill(process.pid, 'SIGTERM')
  })
}

/** The address is known when the server prints it; with a token, the second line has the address that logs in. */
function openWhenListening() {
  const write = process.stdout.write.bind(process.stdout)
  let timer: NodeJS.Timeout | undefined
  process.stdout.write = ((...args: Parameters<typeof write>) => {
    const url = /^(?:retrAI is listening on|Open) (http\S+)/.exec(String(args[0]))?.[1]
    if (url) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        process.stdout.write = write
        openBrowser(url)
      }, 200)
    }
    return write(...args)
  }) as typeof write // the overloads of write cannot be spelled by one function
}
