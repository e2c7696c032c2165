// Tries the sandbox before anybody relies on it: whether it starts here, and whether what must hold does. One command,
// once, when the server starts; a sandbox of which one assertion fails counts as none.
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Spawner } from '../spawner.ts'
import { findBubblewrap, HOW_TO_GET_IT } from './find-bubblewrap.ts'
import { createSandbox, type Sandbox } from './sandbox.ts'
import { MACHINES } from './seccomp.ts'

export interface ProbeOptions {
  spawner: Pick<Spawner, 'run'>
  dataDir: string
  env: Record<string, string>
  readable?: string[]
}

export interface Assertion {
  name: string
  ok: boolean
}

export type Probed =
  | { sandbox: Sandbox; version: string; assertions: Assertion[] }
  | { sandbox: null; why: string; assertions: Assertion[] }

/** Never rejects. */
export async function probeSandbox(options: ProbeOptions): Promise<Probed> {
  try {
    return await probe(options)
  } catch (error) {
    const why = `the sandbox could not be tried (${error instanceof Error ? error.message : error})`
    return { sandbox: null, why, assertions: [] }
  }
}

async function probe({ spawner, dataDir, env, readable }: ProbeOptions): Promise<Probed> {
  const bubblewrap = await findBubblewrap(spawner)
  if ('why' in bubblewrap) return { sandbox: null, why: bubblewrap.why, assertions: [] }
  const sandbox = await createSandbox({ bubblewrap, dataDir, env, ...(readable && { readable }) })
  const folder = join(dataDir, 'sandbox', `probe-${process.pid}`)
  const root = join(folder, 'project')
  const port = await listen()
  try {
    await mkdir(join(root, '.git'), { recursive: true })
    const canary = join(folder, 'canary')
    await writeFile(canary, 'canary')
    const result = await spawner.run({
      argv: ['/bin/bash', '-c', SCRIPT],
      cwd: root,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        HOME: sandbox.env.HOME ?? '/',
        CANARY: canary,
        OUTSIDE: dataDir,
        HELPER: String(process.pid),
        PORT: String(port.number),
        FILTER: MACHINES[process.arch] ? '2' : '0',
      },
      sandbox: await sandbox.around({ root, cwd: root, network: false }),
      timeoutMs: 20_000,
      merge: true,
      headBytes: 16_384,
      tailBytes: 0,
    })
    const said = Buffer.from(result.out.head).toString()
    if (result.notStarted) {
      const hint = /namespace|Permission denied|not permitted/i.test(result.problem ?? '')
        ? '; this system forbids user namespaces (in a container: allow them, or run it with a seccomp profile that does; on Ubuntu use the system’s own bubblewrap)'
        : `; ${HOW_TO_GET_IT}`
      return { sandbox: null, why: `bubblewrap does not work here: ${result.problem}${hint}`, assertions: [] }
    }
    const assertions = ASSERTIONS.map(([name]) => ({ name, ok: said.includes(`ok: ${name}\n`) }))
    const failed = assertions.filter(({ ok }) => !ok).map(({ name }) => name)
    if (failed.length > 0 || port.connections() > 0) {
      const why = `the sandbox does not hold here: ${failed.join('; ') || 'a port outside was reached'}`
      return { sandbox: null, why, assertions }
    }
    return { sandbox, version: bubblewrap.version, assertions }
  } finally {
    await port.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** What must hold, and the test of it, as the command itself makes it. */
const ASSERTIONS: [name: string, test: string][] = [
  ['the project can be written', 'echo x > file && [ "$(cat file)" = x ]'],
  ['the data directory is hidden', '! cat "$CANARY" && [ -z "$(ls -A "$OUTSIDE/sandbox" | grep -v probe)" ]'],
  [
    'the system cannot be written',
    '! : > /usr/retrai-probe && ! : > /etc/retrai-probe && ! : > /retrai-probe',
  ],
  ['home is empty', '[ ! -e ~/.ssh ] && [ ! -e ~/.aws ] && [ ! -e ~/.bashrc ] && [ ! -e ~/.netrc ]'],
  [
    'other processes cannot be seen',
    '[ "$(ls -d /proc/[0-9]* | wc -l)" -lt 9 ] && [ "$(head -c 5 /proc/1/comm)" = bwrap ]',
  ],
  [
    'no variables of the server can be read',
    '[ -z "$(tr "\\0" "\\n" < /proc/1/environ | grep -v -e ^PATH= -e ^RETRAI_COMMAND_ -e ^PWD=)" ]',
  ],
  ['the network is off', '! (: < "/dev/tcp/127.0.0.1/$PORT")'],
  [
    'it has no capabilities',
    '[ "$(awk \'/^Cap(Eff|Prm|Bnd)/ { print $2 }\' /proc/self/status | sort -u)" = 0000000000000000 ]',
  ],
  ['it cannot gain any', 'grep -q "^NoNewPrivs:.1" /proc/self/status'],
  ['system calls are filtered', 'grep -q "^Seccomp:.$FILTER" /proc/self/status'],
  ['nothing is inherited but its output', '[ "$(ls /proc/self/fd | tr "\\n" " ")" = "0 1 2 3 " ]'],
  ['it cannot make a sandbox of its own', '! unshare -U true && ! unshare -n true'],
  ['the repository cannot be written', '! : > .git/config && ! mv .git elsewhere'],
]

const SCRIPT = ASSERTIONS.map(
  ([name, test]) => `if { ${test}; } >/dev/null 2>&1; then echo 'ok: ${name}'; fi`,
).join('\n')

/** A port outside that must not be reached. */
async function listen() {
  let connections = 0
  const server = createServer(socket => {
    connections += 1
    socket.destroy()
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number } // It listens on a port.
  return {
    number: port,
    connections: () => connections,
    close: () => new Promise(resolve => server.close(resolve)),
  }
}
