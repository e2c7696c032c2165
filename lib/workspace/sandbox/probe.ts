// Tries the sandbox before anybody relies on it: whether it starts here, and whether what must hold does. One command,
// once, when the server starts; a sandbox of which one assertion fails counts as none.
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { bubblewrapCandidate } from './bubblewrap-candidate.ts'
import type { Candidate, FindCandidate, FindOptions } from './candidate.ts'
import { removePrivateFolder } from './private-folder.ts'
import { seatbeltCandidate } from './seatbelt-candidate.ts'

export interface ProbeOptions extends FindOptions {
  platform: NodeJS.Platform
  /** Where this user's temporary files are. */
  temporary: string
  /** Default: what this platform has. */
  find?: FindCandidate
}

export interface Assertion {
  name: string
  ok: boolean
}

export type Probed =
  | (Pick<Candidate, 'sandbox' | 'mode' | 'name' | 'note'> & { assertions: Assertion[] })
  | { sandbox: null; why: string; assertions: Assertion[] }

/** Never rejects. */
export async function probeSandbox(options: ProbeOptions): Promise<Probed> {
  const { platform, temporary } = options
  const find =
    options.find ?? (platform === 'darwin' ? seatbeltCandidate({ temporary }) : bubblewrapCandidate(platform))
  try {
    const candidate = await find(options)
    return 'why' in candidate
      ? { sandbox: null, why: candidate.why, assertions: [] }
      : await probe(candidate, options)
  } catch (error) {
    const why = `the sandbox could not be tried (${error instanceof Error ? error.message : error})`
    return { sandbox: null, why, assertions: [] }
  }
}

async function probe(candidate: Candidate, { spawner, dataDir }: FindOptions): Promise<Probed> {
  const { sandbox, mode, name, note } = candidate
  const folder = join(dataDir, 'sandbox', `probe-${process.pid}`)
  const project = join(folder, 'project')
  const port = await listen()
  let scratch: string | null = null
  try {
    await mkdir(join(project, '.git'), { recursive: true })
    // As the workspace of a run has it.
    const root = await realpath(project)
    const canary = join(folder, 'canary')
    await writeFile(canary, 'canary')
    const boxed = await sandbox.around({ root, cwd: root, network: false })
    scratch = boxed.scratch
    const result = await spawner.run({
      argv: ['/bin/bash', '-c', scriptOf(candidate)],
      cwd: root,
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        CANARY: canary,
        OUTSIDE: dataDir,
        HELPER: String(process.pid),
        PORT: String(port.number),
        ...candidate.env,
        ...boxed.env,
      },
      sandbox: boxed,
      timeoutMs: 20_000,
      merge: true,
      headBytes: 16_384,
      tailBytes: 0,
    })
    const said = Buffer.from(result.out.head).toString()
    if (result.notStarted)
      return { sandbox: null, why: candidate.explain(result.problem ?? ''), assertions: [] }
    const assertions = candidate.assertions.map(([held]) => ({
      name: held,
      ok: said.includes(`ok: ${held}\n`),
    }))
    const failed = assertions.filter(({ ok }) => !ok).map(assertion => assertion.name)
    if (failed.length > 0 || port.connections() > 0) {
      const why = `the sandbox does not hold here: ${failed.join('; ') || 'a port outside was reached'}`
      return { sandbox: null, why, assertions }
    }
    return { sandbox, mode, name, note, assertions }
  } finally {
    await port.close()
    await rm(folder, { recursive: true, force: true })
    if (scratch !== null) await removePrivateFolder(scratch)
  }
}

const scriptOf = ({ assertions }: Candidate) =>
  assertions.map(([name, test]) => `if { ${test}; } >/dev/null 2>&1; then echo 'ok: ${name}'; fi`).join('\n')

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
