// Proves the plumbing alone: the sandbox-exec here takes its arguments and holds nothing. That profile, spawner, handshake, limits and
// clean-up fit together is shown; that macOS holds what the profile says is not, nor could it be on another system.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { createSpawner, type Spawner } from '../spawner.ts'
import { processesWith, uniqueSeconds } from '../test-folder.ts'
import type { Workspace } from '../workspace.ts'
import { createWorkspaces } from '../workspaces.ts'
import { openSandbox } from './open-sandbox.ts'
import type { Sandbox } from './sandbox.ts'
import { createSeatbelt, privateEnv } from './seatbelt.ts'
import { SEATBELT_ASSERTIONS, seatbeltCandidate } from './seatbelt-candidate.ts'

/** Writes down what it is told, and becomes the command. */
const FAKE = `#!/bin/bash
[ "$1" = -p ] || exit 64
printf '%s' "$2" > "$(dirname "$0")/profile"
shift 2
: > "$(dirname "$0")/params"
while [ "$1" = -D ]; do printf '%s\\n' "$2" >> "$(dirname "$0")/params"; shift 2; done
[ "$1" = -- ] || exit 64
shift
printf '%s' "$3" > "$(dirname "$0")/wrapper"
exec "$@"
`

let base: string
let program: string
let spawner: Spawner
/** A Mac has no /proc: there, who belongs to a command and how much it takes is asked of ps. */
let asksPs: Spawner
let env: Record<string, string>
const temporary = () => join(base, 'T')
const dataDir = () => join(base, 'data')

beforeAll(() => {
  spawner = createSpawner()
  asksPs = createSpawner({ processes: 'ps' })
})
afterAll(() => Promise.all([spawner.close(), asksPs.close()]))
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'retrai-mac-')))
  for (const folder of ['T', 'data', 'home/.pyenv/bin', 'home/.ssh', 'home/work/app/.git'])
    await mkdir(join(base, folder), { recursive: true })
  await writeFile(join(base, 'home/work/app/.retrai.yml'), 'goal: pytest\n')
  program = join(base, 'sandbox-exec')
  await writeFile(program, FAKE)
  await chmod(program, 0o755)
  env = { PATH: process.env.PATH ?? '', HOME: join(base, 'home'), GOPATH: join(base, 'home/go') }
})
afterEach(() => rm(base, { recursive: true, force: true }))

const seatbelt = () => createSeatbelt({ dataDir: dataDir(), env, temporary: temporary(), program })

async function opened({
  by = spawner,
  sandbox,
}: {
  by?: Spawner
  sandbox?: Sandbox
} = {}): Promise<Workspace> {
  const box = sandbox ?? (await seatbelt())
  const workspaces = createWorkspaces({ dataDir: dataDir(), spawner: by, sandbox: box, env, home: env.HOME })
  return workspaces.open(join(base, 'home/work/app'))
}

describe('a command', () => {
  test('begins in the project, with a home and a temporary folder that are gone with it', async () => {
    const workspace = await opened()
    const { output, exitCode } = await workspace.run({
      command: 'pwd; echo "$HOME"; echo "$TMPDIR"; echo "$GOPATH"; ls -A ~; echo x > "$TMPDIR/x"; exit 3',
      timeoutMs: 10_000,
    })
    const [cwd, home, own, gopath, ...shown] = output.trim().split('\n')
    expect([exitCode, cwd]).toEqual([3, workspace.root])
    expect(own).toMatch(new RegExp(`^${temporary()}/rb-[0-9a-z]+-\\w{6}$`))
    expect([home, gopath]).toEqual([`${own}/home`, `${own}/home/go`])
    expect(shown).toEqual(expect.arrayContaining(['.cache', '.cargo', '.npm', '.pyenv', 'Library']))
    expect(shown).not.toContain('.ssh')
    expect(await readdir(temporary())).toEqual([])
  })

  test('finds what an earlier one kept in a cache, and nothing else of it', async () => {
    const workspace = await opened()
    await workspace.run({ command: 'echo kept > ~/.cache/x; echo gone > ~/x', timeoutMs: 10_000 })
    const { output } = await workspace.run({ command: 'cat ~/.cache/x; ls ~/x', timeoutMs: 10_000 })
    expect(output).toMatch(/^kept\n.*No such file/s)
    const profile = await readFile(join(base, 'profile'), 'utf8')
    const params = await readFile(join(base, 'params'), 'utf8')
    expect(profile).toContain('(deny network*)')
    expect(params).toContain(`=${workspace.root}\n`)
    expect(params).toMatch(new RegExp(`=${dataDir()}/caches/\\w+/.cache\n`))
    expect(params).toContain(`=${workspace.root}/.git\n`)
    expect(params).toContain(`=${join(base, 'home/.pyenv')}\n`)
  })

  test('whose own temporary folder is named may write that', async () => {
    const workspace = await opened()
    await symlink(temporary(), join(base, 'link'))
    await workspace.run({ command: 'true', temporary: [join(base, 'link', 'rt-1')], timeoutMs: 10_000 })
    expect(await readFile(join(base, 'params'), 'utf8')).toContain(`=${temporary()}/rt-1\n`)
  })

  test('has its limits, and no descriptor but its own', async () => {
    const workspace = await opened()
    const { output } = await workspace.run({
      command: `ulimit -n; ulimit -f; ulimit -c; for fd in /dev/fd/*; do echo "\${fd##*/}"; done`,
      timeoutMs: 10_000,
    })
    const [files, kib, core, ...descriptors] = output.trim().split('\n')
    expect([files, kib, core]).toEqual([String(LIMITS.commandOpenFiles), String(LIMITS.commandFileKiB), '0'])
    // The last is the folder that is being listed.
    expect(descriptors).toEqual(['0', '1', '2', '3'])
  })

  test('is ended with what it leaves behind, and at its time', async () => {
    const workspace = await opened({ by: asksPs })
    const seconds = uniqueSeconds()
    const left = await workspace.run({ command: `setsid sleep ${seconds} & echo begun`, timeoutMs: 10_000 })
    expect(left).toMatchObject({ exitCode: 0, output: 'begun\n' })
    expect(await processesWith(seconds)).toEqual([])
    const late = await workspace.run({ command: `sleep ${seconds}`, timeoutMs: 500 })
    expect(late).toMatchObject({ timedOut: true })
    // Nothing holds it that would have to be spared, so it is asked first.
    const asked = await workspace.run({
      command: 'trap "echo asked; exit" TERM; while :; do sleep 0.05; done',
      timeoutMs: 500,
    })
    expect(asked).toMatchObject({ timedOut: true, output: expect.stringMatching(/asked\n$/) })
    expect(await processesWith(seconds)).toEqual([])
    expect(await readdir(temporary())).toEqual([])
  })

  test('that takes more memory than it may is ended', async () => {
    const sandbox = await createSeatbelt({
      ...{ dataDir: dataDir(), env, temporary: temporary(), program },
      memoryBytes: 64 * 2 ** 20,
    })
    const workspace = await opened({ by: asksPs, sandbox })
    const { output } = await workspace.run({
      command: `exec "${process.execPath}" -e 'const b = Buffer.alloc(3e8, 1); setInterval(() => b[0], 1000)'`,
      timeoutMs: 20_000,
    })
    expect(output).toMatch(/\[stopped: it took [\d,]+ MiB of memory, and may take 64 MiB\]/)
  })

  test('does not begin where the profile is refused, and never plainly', async () => {
    await writeFile(program, '#!/bin/bash\necho "sandbox-exec: unbound variable: x" >&2\nexit 65\n')
    const workspace = await opened()
    const { exitCode, output } = await workspace.run({ command: 'touch begun', timeoutMs: 10_000 })
    expect(exitCode).toBe(127)
    expect(output).toContain('the sandbox could not be set up: sandbox-exec: unbound variable: x')
    expect(await readdir(workspace.root)).toEqual(['.git', '.retrai.yml'])
  })

  test('of a project with a name that looks like a rule is told of it as it is', async () => {
    const odd = join(base, 'home/work', 'a") (allow default) (" \\ =\'ü')
    await mkdir(odd)
    const workspaces = createWorkspaces({
      dataDir: dataDir(),
      spawner,
      sandbox: await seatbelt(),
      env,
      home: env.HOME,
    })
    const workspace = await workspaces.open(odd)
    expect((await workspace.run({ command: 'pwd', timeoutMs: 10_000 })).output).toBe(`${odd}\n`)
    expect(await readFile(join(base, 'profile'), 'utf8')).not.toContain('(allow default)')
    expect(await readFile(join(base, 'params'), 'utf8')).toContain(`=${odd}\n`)
  })
})

test('a list of hosts is refused when the run is made, with what can be said instead', async () => {
  const sandbox = await seatbelt()
  const workspaces = createWorkspaces({ dataDir: dataDir(), spawner, sandbox, env, home: env.HOME })
  const refused = workspaces.open(join(base, 'home/work/app'), { network: ['registry.example.org'] })
  await expect(refused).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('"off", or "on"'),
  })
  await expect(sandbox.socketFolder(base)).rejects.toMatchObject({ code: 'conflict' })
})

test('a repository is kept by whatever case its name is in', async () => {
  const root = join(base, 'home/work/odd')
  await mkdir(join(root, '.GIT'), { recursive: true })
  const { argv } = await (await seatbelt()).around({ root, cwd: root, network: false })
  expect(argv.some(arg => arg.endsWith(`=${root}/.GIT`))).toBe(true)
})

test('what stands in a cache’s place and is no folder is not written through', async () => {
  const sandbox = await seatbelt()
  const root = join(base, 'home/work/app')
  const request = { root, cwd: root, network: false }
  await sandbox.around(request)
  const [hash = ''] = await readdir(join(dataDir(), 'caches'))
  const cache = join(dataDir(), 'caches', hash, '.cache')
  await rm(cache, { recursive: true })
  await symlink(join(base, 'home/.ssh'), cache)
  const { argv } = await sandbox.around(request)
  expect(argv.some(arg => arg.includes('.ssh'))).toBe(false)
  expect(
    (await readdir(join(dataDir(), 'caches', hash), { withFileTypes: true })).every(one => one.isDirectory()),
  ).toBe(true)
})

test('variables that name what is not shown name the same place in the private home', () => {
  const scratch = { path: '/T/rb', home: '/T/rb/home' }
  const given = {
    ...{ PATH: '/Users/ada/bin', HOME: '/Users/ada', TMP: '/T', CARGO_HOME: '/Users/ada/.cargo' },
    ...{
      PYENV_ROOT: '/Users/ada/.pyenv',
      VIRTUAL_ENV: '/Users/ada/app/.venv',
      LANG: 'de',
      OTHER: '/Users/adam/x',
    },
  }
  expect(
    privateEnv(given, { home: '/Users/ada', scratch, visible: ['/Users/ada/.pyenv', '/Users/ada/app'] }),
  ).toEqual({
    ...{ HOME: '/T/rb/home', TMPDIR: '/T/rb', TMP: '/T/rb', CARGO_HOME: '/T/rb/home/.cargo' },
  })
})

describe('at the start of a server', () => {
  const open = (find = seatbeltCandidate({ temporary: temporary(), program })) =>
    openSandbox({ asked: 'auto', spawner, dataDir: dataDir(), readable: [], env, platform: 'darwin', find })

  test('a sandbox-exec that holds nothing is found out, and counts as none', async () => {
    const { sandbox, state, why, assertions } = await open()
    expect(sandbox).toBeNull()
    expect(state.mode).toBe('off')
    const failed = assertions.filter(({ ok }) => !ok).map(({ name }) => name)
    for (const name of failed) expect(why).toContain(name)
    // What commands need is there with it, what must not be possible is.
    expect(assertions.filter(({ ok }) => ok).map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'the project can be written',
        'it has a temporary folder and a home of its own',
      ]),
    )
    expect(failed).toEqual(
      expect.arrayContaining([
        ...['the data directory is hidden', 'the data directory cannot be written', 'home is hidden'],
        ...['other processes cannot be signalled', 'the network is off', 'the repository cannot be written'],
        'no file gets a second name',
      ]),
    )
    expect(await readdir(temporary())).toEqual([])
    expect(await readdir(join(base, 'home'))).not.toContain('.retrai-probe')
  })

  test('one that holds is used, and said to be untested wherever that is told', async () => {
    const find = seatbeltCandidate({ temporary: temporary(), program })
    const { sandbox, state } = await open(async options => {
      const found = await find(options)
      return 'why' in found ? found : { ...found, assertions: SEATBELT_ASSERTIONS.slice(0, 2) }
    })
    expect(sandbox).not.toBeNull()
    expect(state).toMatchObject({
      mode: 'seatbelt',
      note: expect.stringContaining('not tested on a real Mac'),
    })
    expect(state.detail).toBe('sandbox-exec (not tested on a real Mac), 2 of 2 assertions hold')
  })

  test('a Mac without it runs commands plainly, and says why', async () => {
    const { state, why } = await open(
      seatbeltCandidate({ temporary: temporary(), program: join(base, 'none') }),
    )
    expect(state.mode).toBe('off')
    expect(why).toBe(`${join(base, 'none')} is not there, which belongs to macOS`)
  })
})

describe('what runs before the command', () => {
  const wrapper = async () => {
    await (await opened()).run({ command: 'true', timeoutMs: 10_000 })
    return readFile(join(base, 'wrapper'), 'utf8')
  }

  test('asks whether it may begin, and does not when nobody answers', async () => {
    const argv = ['--posix', '-c', await wrapper(), 'retrai', '64', '100', 'echo', 'begun']
    const child = spawn('/bin/bash', argv, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
    const channel = child.stdio[3] as Socket // A pipe of Node is one.
    const exit = once(child, 'exit')
    const [asked] = await once(channel, 'data')
    expect(String(asked)).toBe('r\n')
    channel.destroy()
    expect(await exit).toEqual([125, null])
  })

  test('uses nothing that a bash of 2007 does not know', async () => {
    const text = await wrapper()
    expect(text).toContain('/dev/fd')
    expect(text).not.toMatch(
      /\/proc|mapfile|readarray|declare|coproc|&>>|\|&|\$\{[^}]*(,,|\^\^|@[A-Z])|<\(|wait -n|\[\[ -v/,
    )
  })
})
