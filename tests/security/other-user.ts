// S6: another user of this machine looks for secrets: in what the server keeps, in the list of processes, in /proc. The data
// directory was made by hand and is open to all, as people make directories.
import { execFile, spawn } from 'node:child_process'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { rootOfCli } from '#lib/testing/cli'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { openStage } from '#lib/testing/stage'
import type { Scenario } from '../reliability/scenario.ts'

const run = promisify(execFile)
const CANARIES = {
  token: 'the-token-that-no-other-user-reads',
  key: 'the-key-that-no-other-user-reads-7',
  goal: 'goal-canary-5551234',
  output: 'output-canary-5556789',
  file: 'file-canary-5550000',
}

export const otherUser: Scenario = {
  name: 'other-user',
  promise:
    'S6: another user of the machine reads no secret: not in what is kept, not in the list of processes',
  async run({ log }) {
    const dataDir = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-open-')))
    chmodSync(dataDir, 0o755)
    const broken: string[] = []
    const stage = await openStage({
      dataDir,
      env: { RETRAI_TOKEN: CANARIES.token, ANTHROPIC_API_KEY: CANARIES.key },
    })
    try {
      const cwd = await stage.project({ ...SHELL_PROJECT, 'seen.txt': CANARIES.file }, [
        turn([text('I look.'), bash(`echo ${CANARIES.output}`)]),
        turn([text('Done.')]),
      ])
      await stage.client.finish({ ...SHELL_GOAL, goal: `make it ${CANARIES.goal}`, cwd, max_iterations: 1 })
      const open = namesBelow(dataDir).filter(file => (statSync(file).mode & 0o077) !== 0)
      const top = open.filter(file => path.dirname(file) === dataDir)
      const isClosed = (statSync(dataDir).mode & 0o077) === 0
      if (!isClosed) broken.push('the data directory is open to others')
      if (top.length > 0) broken.push(`open to others: ${top.map(file => path.basename(file)).join(', ')}`)
      log(`${namesBelow(dataDir).length} files, ${open.length} of them behind a closed folder only`)

      // A token that was given as an argument does not stay in the list of processes.
      const served = spawn(
        process.execPath,
        [
          path.join(rootOfCli, 'bin/retrai.mjs'),
          'serve',
          '--port',
          '0',
          '--token',
          CANARIES.token,
          '--data-dir',
          `${dataDir}-2`,
        ],
        {
          cwd: rootOfCli,
          env: { ...process.env, RETRAI_SKIP_BUILD: '1' },
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      )
      let found: Record<string, string[]> = {}
      try {
        await new Promise<void>(resolve => {
          served.stdout.once('data', () => resolve())
          served.once('close', () => resolve())
        })
        found = await readAsAnother([stage.server.pid, served.pid ?? 0], dataDir)
      } finally {
        served.kill('SIGKILL')
        await new Promise(resolve =>
          served.exitCode === null && served.signalCode === null
            ? served.once('close', resolve)
            : resolve(null),
        )
      }
      for (const [place, names] of Object.entries(found))
        if (names.length > 0) broken.push(`another user reads ${names.join(', ')} in ${place}`)
      return {
        figures: {
          'as another user': canBecomeAnother()
            ? `${Object.keys(found).length} places tried`
            : 'only the modes: this is not root',
          'secrets read': Object.values(found).flat().length,
          'files of the data directory': namesBelow(dataDir).length,
          'open to others': isClosed ? 0 : open.length,
        },
        broken,
      }
    } finally {
      await stage.close()
      for (const folder of [dataDir, `${dataDir}-2`]) await rm(folder, { recursive: true, force: true })
    }
  },
}

const canBecomeAnother = () => process.getuid?.() === 0

/** Which canaries another user finds, by the place; the command lines are looked at in any case, for everybody sees them. */
async function readAsAnother(pids: number[], dataDir: string) {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
  const [command, ...args] = canBecomeAnother()
    ? ['setpriv', ...nobody, process.execPath, '-e', LOOK]
    : [process.execPath, '-e', LOOK]
  const places = [
    ...pids.map(pid => `/proc/${pid}/cmdline`),
    ...(canBecomeAnother()
      ? [
          ...pids.flatMap(pid =>
            ['environ', 'maps', 'fd', 'cwd', 'root', 'mem'].map(name => `/proc/${pid}/${name}`),
          ),
          dataDir,
          ...namesBelow(dataDir),
        ]
      : []),
  ]
  const question = JSON.stringify({ places, canaries: CANARIES })
  const { stdout } = await run(command!, [...args, question], { cwd: '/', maxBuffer: 1 << 24 }) // there is one
  return JSON.parse(stdout) as Record<string, string[]>
}

const LOOK = `
const { readFileSync, readdirSync, statSync } = require('node:fs')
const { places, canaries } = JSON.parse(process.argv[1])
const found = {}
for (const place of places) {
  let content = ''
  try {
    content = statSync(place).isDirectory() ? readdirSync(place).join(' ') : readFileSync(place).toString('latin1')
  } catch {}
  found[place] = Object.entries(canaries).filter(([, value]) => content.includes(value)).map(([name]) => name)
}
console.log(JSON.stringify(found))
`

const namesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
