// What sandboxed commands cannot do, tried in the real sandbox; where it makes sense each beside the same command run
// plainly, which can: a test that could not fail would prove nothing.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDial } from '../network/dial.ts'
import { createSpawner, type Spawner } from '../spawner.ts'
import { processesWith, uniqueSeconds, until } from '../test-folder.ts'
import type { Workspace } from '../workspace.ts'
import { createWorkspaces, type Workspaces } from '../workspaces.ts'
import { openSandbox } from './open-sandbox.ts'

const SECRET = 'canary-4711'
let base: string
let home: string
let dataDir: string
let spawner: Spawner
let workspaces: Workspaces
let boxed: Workspace
let plain: Workspace
/** Listening outside: on a port, and on a socket in the system's temporary folder. */
let outside: { port: number; socket: string; servers: Server[] }

beforeAll(async () => {
  base = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-isolation-')))
  home = path.join(base, 'home')
  dataDir = path.join(base, 'data')
  await mkdir(path.join(home, '.ssh'), { recursive: true })
  await mkdir(dataDir)
  await writeFile(path.join(home, '.ssh/id_ed25519'), SECRET)
  await writeFile(path.join(home, '.bashrc'), '')
  await writeFile(path.join(dataDir, 'token'), SECRET)
  // A secret of the server that is in no list of secrets, and one in a variable that a command does inherit.
  const env = { ...process.env, HOME: home, SOME_PLAIN_VARIABLE: SECRET }
  spawner = createSpawner()
  const { sandbox, why, assertions } = await openSandbox({
    asked: 'require',
    spawner,
    dataDir,
    readable: [],
    env,
  })
  expect(why).toBeNull()
  expect(assertions.filter(({ ok }) => !ok)).toEqual([])
  workspaces = createWorkspaces({ dataDir, spawner, sandbox, env })
  const project = path.join(base, 'project')
  await mkdir(path.join(project, '.git/hooks'), { recursive: true })
  await writeFile(path.join(project, '.git/config'), '[core]\n')
  await writeFile(path.join(project, '.git/HEAD'), 'ref: refs/heads/main\n')
  await writeFile(path.join(project, '.retrai.yml'), 'goal: pytest\n')
  boxed = await workspaces.open(project)
  plain = await workspaces.open(project, { plain: true })
  outside = await listenOutside()
})

afterAll(async () => {
  for (const server of outside?.servers ?? []) server.close()
  await workspaces?.close()
  await rm(base, { recursive: true, force: true })
})

async function listenOutside() {
  const socket = path.join(base, 'outside.sock')
  const servers = [createServer(), createServer()]
  const [tcp, unix] = servers as [Server, Server]
  for (const server of servers) server.on('connection', connection => connection.end(SECRET))
  await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
  await new Promise<void>(resolve => unix.listen(socket, resolve))
  return { port: (tcp.address() as { port: number }).port, socket, servers } // It listens on a port.
}

/** Under names that Node does not give: relative to the project, or without a place. */
async function listenInPython(name: string) {
  const script = `import socket
s = socket.socket(socket.AF_UNIX); s.bind("${name}"); s.listen(); print("up", flush=True)
while True:
  c = s.accept()[0]; c.sendall(b"${SECRET}"); c.close()`
  const child = spawn('python3', ['-c', script], {
    cwd: boxed.root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

const limits = { timeoutMs: 20_000 }
const run = (command: string, workspace = boxed, timeoutMs = limits.timeoutMs) =>
  workspace.run({ command, timeoutMs })
const connectTo = (file: string) =>
  `python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.connect("${file}"); print(s.recv(99).decode())'`

describe('secrets', () => {
  test.each([
    ['the keys in home', () => `cat ${home}/.ssh/id_ed25519`],
    ['the keys in home, by its variable', () => 'cat ~/.ssh/id_ed25519'],
    ['the data directory', () => `cat ${dataDir}/token`],
    ['the data directory, through a link in the project', () => `ln -sfn ${dataDir} data && cat data/token`],
    ['what lies beside the project', () => `cat ../home/.ssh/id_ed25519`],
    ['a port of the machine', () => `exec 5<>/dev/tcp/127.0.0.1/${outside.port}; cat <&5`],
    ['a port of the machine, by name', () => `exec 5<>/dev/tcp/localhost/${outside.port}; cat <&5`],
    ['a Unix socket', () => connectTo(outside.socket)],
  ])('%s: not to be read, but plainly they are', async (_, command) => {
    expect((await run(command(), plain)).output).toContain(SECRET)
    const result = await run(command())
    expect(result.output).not.toContain(SECRET)
    expect(result.exitCode).not.toBe(0)
  })

  test('the memory and environment of other processes: there are none', async () => {
    const look = `cat /proc/*/environ /proc/1/environ 2>/dev/null | tr '\\0' '\\n'; ls -d /proc/[0-9]* | wc -l`
    const child = spawn('sleep', ['1000'], { env: { ...process.env, CANARY: SECRET } })
    try {
      expect((await run(look, plain)).output).toContain(SECRET)
      const { output } = await run(look)
      expect(output).not.toContain(SECRET)
      expect(output).not.toContain('SOME_PLAIN_VARIABLE')
      expect(Number(output.trim().split('\n').at(-1))).toBeLessThan(9)
    } finally {
      child.kill('SIGKILL')
    }
  })

  test('the environment is the one that was given', async () => {
    const { output } = await boxed.run({ command: 'env', env: { GIVEN: 'yes' }, ...limits })
    expect(output).toContain('GIVEN=yes\n')
    expect(output).toContain(`HOME=${home}\n`)
    expect(output).not.toMatch(/SOME_PLAIN_VARIABLE|ANTHROPIC|RETRAI_TOKEN/)
  })

  test('files of the system that only root may read', async () => {
    const result = await run('cat /etc/shadow /etc/gshadow')
    expect(result.output).not.toMatch(/^root:/m)
    expect(result.exitCode).not.toBe(0)
  })
})

describe('sockets in the project', () => {
  test('of a program outside cannot be reached, also under a relative name', async () => {
    const absolute = path.join(boxed.root, 'dev.sock')
    const server = createServer(connection => connection.end(SECRET))
    await new Promise<void>(resolve => server.listen(absolute, resolve))
    const relative = await listenInPython('near.sock')
    try {
      for (const name of ['dev.sock', 'near.sock']) {
        expect((await run(connectTo(name), plain)).output).toContain(SECRET)
        const result = await run(connectTo(name))
        expect(result.output).not.toContain(SECRET)
        expect(result.output).toContain('PermissionError')
      }
    } finally {
      relative.kill('SIGKILL')
      server.close()
      await rm(path.join(boxed.root, 'near.sock'), { force: true })
    }
  })

  test('of their own, commands may have: some tools and languages cannot do without', async () => {
    const pair = `python3 - <<'END'
import multiprocessing.managers, socket
with multiprocessing.Manager() as manager: print(manager.list([1, 2]))
END`
    const { output } = await run(pair)
    expect(output).toBe('[1, 2]\n')
  })
})

describe('writing', () => {
  test('goes to the project, and nowhere else that stays', async () => {
    const places = [
      home,
      base,
      dataDir,
      '/tmp',
      '/var/tmp',
      '/etc',
      '/usr/local',
      '/opt',
      '/',
      '/dev',
      '/run',
      '/etc/cron.d',
    ]
    const name = `retrai-written-${process.pid}`
    await run(places.map(place => `echo x > ${place}/${name}`).join('; '))
    for (const place of places)
      await expect(readFile(path.join(place, name), 'utf8')).rejects.toMatchObject({ code: 'ENOENT' })
    await run(`echo x > ${name}`)
    expect(await readFile(path.join(boxed.root, name), 'utf8')).toBe('x\n')
  })

  test.each([
    'echo x >> .git/config',
    'echo x > .git/hooks/pre-commit',
    'rm -rf .git; test ! -e .git/config',
    'mv .git elsewhere && mkdir -p .git/hooks',
    'echo x >> .retrai.yml',
    'rm -f .retrai.yml && echo x > .retrai.yml',
    'mv .retrai.yml elsewhere.yml',
    'ln -sf /etc/passwd .retrai.yml',
  ])('%j leaves the repository and the settings as they were', async command => {
    expect((await run(command)).exitCode).not.toBe(0)
    expect(await readFile(path.join(boxed.root, '.git/config'), 'utf8')).toBe('[core]\n')
    expect(await readFile(path.join(boxed.root, '.retrai.yml'), 'utf8')).toBe('goal: pytest\n')
    await expect(readFile(path.join(boxed.root, '.git/hooks/pre-commit'))).rejects.toThrow()
  })

  test('settings that a command makes are kept from the next one', async () => {
    const root = path.join(base, 'empty')
    await mkdir(root)
    const workspace = await workspaces.open(root)
    expect((await run('mkdir .git && echo first > .git/config', workspace)).exitCode).toBe(0)
    expect((await run('echo second > .git/config', workspace)).exitCode).not.toBe(0)
  })

  test('a file that claims a repository elsewhere opens nothing', async () => {
    const root = path.join(base, 'claiming')
    await mkdir(root)
    await writeFile(path.join(root, '.git'), `gitdir: ${home}/.ssh\n`)
    await writeFile(path.join(home, '.ssh/HEAD'), '')
    const workspace = await workspaces.open(root)
    expect((await run(`cat ${home}/.ssh/id_ed25519`, workspace)).output).not.toContain(SECRET)
  })

  test('a linked worktree sees its repository, and cannot write it', async () => {
    const git = 'git -c user.name=a -c user.email=a@example.com'
    const main = path.join(base, 'main')
    await mkdir(main)
    const setUp = await workspaces.open(main, { plain: true })
    const made = await run(
      `git init -q . && ${git} commit -q --allow-empty -m first && git worktree add -q ../tree`,
      setUp,
    )
    expect(made).toMatchObject({ exitCode: 0 })
    const workspace = await workspaces.open(path.join(base, 'tree'))
    expect((await run('git log --format=%s', workspace)).output).toBe('first\n')
    expect((await run(`${git} commit --allow-empty -m second`, workspace)).exitCode).not.toBe(0)
    expect((await run('git config core.pager evil', workspace)).exitCode).not.toBe(0)
  })
})

describe('rights', () => {
  test('there are none, and none to be had', async () => {
    const { output } = await run(
      'grep -E "^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp):" /proc/self/status',
    )
    expect(output.match(/^Cap\w+:\t0{16}$/gm)).toHaveLength(5)
    expect(output).toContain('NoNewPrivs:\t1')
    expect(output).toContain('Seccomp:\t2')
  })

  test.each([
    'mount -t tmpfs none /mnt',
    'mount --bind / /tmp',
    'mount -o remount,rw /usr',
    'umount -l /root',
    'unshare -U true',
    'unshare -n true',
    'chroot / true',
    'mknod sda b 8 0',
    'nsenter -t 1 -m true',
    'dmesg',
    'hostname other',
    "python3 -c 'import ctypes, os; c = ctypes.CDLL(None, use_errno=True); exit(c.ptrace(0, 0, 0, 0) == 0)'; exit $((! $?))",
  ])('%j is refused', async command => {
    expect((await run(command)).exitCode).not.toBe(0)
  })

  test('no descriptor is inherited but stdin, stdout and stderr', async () => {
    expect((await run('ls /proc/self/fd | tr "\\n" " "')).output).toBe('0 1 2 3 ') // 3: the listing's own
  })

  test('processes outside cannot be signalled', async () => {
    expect((await run(`kill -0 ${process.pid}`, plain)).exitCode).toBe(0)
    expect((await run(`kill -9 ${process.pid}`)).exitCode).not.toBe(0)
  })

  test('limits hold', async () => {
    const { output } = await run('ulimit -c; ulimit -n; ulimit -f; cat /proc/self/oom_score_adj')
    expect(output).toBe('0\n4096\n4194304\n900\n')
  })
})

describe('the network', () => {
  test('within the sandbox there is loopback, for servers that tests start', async () => {
    const { output } = await run(
      `node -e 'const s = require("http").createServer((q, r) => r.end("hello")).listen(0, "127.0.0.1", async () => {
        console.log(await (await fetch("http://127.0.0.1:" + s.address().port)).text()); s.close(); process.exit() })'`,
    )
    expect(output).toBe('hello\n')
  })

  test('a program that misses it is explained', async () => {
    const { output, exitCode } = await run(
      `node -e 'fetch("http://retrai.example").catch(e => { console.error(e.cause.code); process.exit(3) })'`,
    )
    expect(exitCode).toBe(3)
    expect(output).toContain('start the run with network: "on"')
  })

  test('is there when the run says so; sockets of the machine still are not', async () => {
    const online = await workspaces.open(boxed.root, { network: 'on' })
    const { output } = await run(`exec 5<>/dev/tcp/127.0.0.1/${outside.port}; cat <&5`, online)
    expect(output).toBe(SECRET)
    const name = `retrai-${process.pid}`
    const abstract = await listenInPython(`\\0${name}`)
    try {
      const connect = connectTo(`\\0${name}`)
      expect((await run(connect, plain)).output).toContain(SECRET)
      expect((await run(connect, online)).output).not.toContain(SECRET)
      expect((await run(connect)).output).not.toContain(SECRET)
    } finally {
      abstract.kill('SIGKILL')
    }
  })
})

describe('a list of hosts', () => {
  const LISTED = ['good.example']
  let service: Server
  let listed: Workspace

  beforeAll(async () => {
    service = createHttpServer((_, response) => response.end('from the internet'))
    await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
    const { port } = service.address() as { port: number } // It listens on a port.
    const dial = createDial({
      resolve: async host => [host === 'good.example' ? '93.184.216.34' : '127.0.0.1'],
      connect: () => connect(port, '127.0.0.1'),
    })
    const { sandbox } = await openSandbox({ asked: 'auto', spawner, dataDir, readable: [] })
    listed = await createWorkspaces({ dataDir, spawner, sandbox, dial }).open(boxed.root, { network: LISTED })
  })
  afterAll(() => service?.close())

  test('is found by programs as they are, and what is not on it is refused in words', async () => {
    const fetching = (url: string) =>
      `python3 -c 'import urllib.request as u; print(u.urlopen("${url}").read().decode())'`
    expect(await run(fetching('http://good.example/'), listed)).toMatchObject({
      exitCode: 0,
      output: 'from the internet\n',
    })
    const refused = await run(fetching('http://evil.example/'), listed)
    expect(refused.exitCode).toBe(1)
    expect(refused.output).toMatch(
      /403[\s\S]*opens only good\.example; refused: evil\.example:80 \(it is not on the list/,
    )
    const { output } = await run(`exec 5<>/dev/tcp/127.0.0.1/${outside.port}; cat <&5`, listed)
    expect(output).not.toContain(SECRET)
  })

  test('leaves the command alone: nothing inherited, no child to wait for, its own exit code', async () => {
    const look = `ls /proc/self/fd | tr '\\n' ' '; python3 -c 'import os; os.wait()' 2>&1 | tail -1; wait; exit 7`
    const { output, exitCode } = await run(look, listed)
    expect(output).toMatch(/^0 1 2 3 ChildProcessError/)
    expect(exitCode).toBe(7)
    expect((await readdir(path.join(dataDir, 'sandbox'))).filter(name => name.startsWith('net-'))).toEqual([])
  })

  test('cannot be held where a program outside listens in the project, which is said', async () => {
    const child = await listenInPython('in-the-project.sock')
    try {
      const { output, exitCode } = await run('echo ran', listed)
      expect([exitCode, output]).toEqual([
        127,
        expect.stringContaining('could go round the list of allowed hosts'),
      ])
    } finally {
      child.kill('SIGKILL')
      await rm(path.join(boxed.root, 'in-the-project.sock'), { force: true })
    }
  })
})

describe('a sandboxed command', () => {
  test('gives its exit code, and its output in the order it was written', async () => {
    const result = await run('echo one; echo two >&2; echo three; echo four > /dev/stderr; exit 7')
    expect(result).toMatchObject({ exitCode: 7, timedOut: false, output: 'one\ntwo\nthree\nfour\n' })
  })

  test('that a signal ended has the exit code shells give it', async () => {
    expect(await run('kill -SEGV $$')).toMatchObject({ exitCode: 139 })
  })

  test('runs where it should, with an empty stdin', async () => {
    await mkdir(path.join(boxed.root, 'sub'), { recursive: true })
    const result = await boxed.run({ command: 'pwd; wc -c', cwd: 'sub', ...limits })
    expect(result.output).toBe(`${boxed.root}/sub\n0\n`)
  })

  test('is given time to end by itself when it takes too long', async () => {
    const result = await run('trap "echo bye; exit 3" TERM; sleep 1000 & wait', boxed, 400)
    expect(result).toMatchObject({ timedOut: true })
    expect(result.output).toContain('bye')
  })

  test('leaves nothing running, whatever it did to get away', async () => {
    const seconds = uniqueSeconds()
    const away = `(setsid bash -c 'trap "" TERM HUP; sleep ${seconds}' &); env -i setsid -f sleep ${seconds}; sleep 0.1`
    expect((await run(`${away}; echo done`)).output).toBe('done\n')
    expect(await processesWith(seconds)).toEqual([])
    expect(await run(`${away}; sleep ${seconds}`, boxed, 400)).toMatchObject({ timedOut: true })
    expect(await processesWith(seconds)).toEqual([])
  })

  test('is ended when it takes too much memory', async () => {
    const { sandbox } = await openSandbox({ asked: 'auto', spawner, dataDir, readable: [] })
    const request = { root: boxed.root, cwd: boxed.root, network: false }
    const around = await sandbox!.around(request)
    const result = await spawner.run({
      argv: [
        'python3',
        '-c',
        'import time\nkept = []\nwhile True: kept.append(bytearray(b"x") * (8 << 20)); time.sleep(0.01)',
      ],
      cwd: boxed.root,
      env: { PATH: process.env.PATH ?? '' },
      sandbox: { ...around, limits: { ...around.limits, memoryBytes: 256 << 20 } },
      headBytes: 1000,
      tailBytes: 0,
      ...limits,
    })
    expect(result.problem).toMatch(/^\[stopped: it took \d[\d,]+ MiB of memory, and may take 256 MiB\]$/)
  })

  test('is ended when it starts too many processes', async () => {
    const { sandbox } = await openSandbox({ asked: 'auto', spawner, dataDir, readable: [] })
    const around = await sandbox!.around({ root: boxed.root, cwd: boxed.root, network: false })
    const result = await spawner.run({
      argv: ['/bin/bash', '-c', 'while :; do sleep 1000 & done 2>/dev/null'],
      cwd: boxed.root,
      env: { PATH: process.env.PATH ?? '' },
      sandbox: { ...around, limits: { ...around.limits, processes: 100, countsProcesses: false } },
      headBytes: 1000,
      tailBytes: 0,
      ...limits,
    })
    expect(result.problem).toMatch(/^\[stopped: it had \d+ processes, and may have 100\]$/)
  })

  test('does not outlive the helper that started it', async () => {
    const seconds = uniqueSeconds()
    const running = run(`sleep ${seconds}`)
    await until(async () => (await processesWith(seconds)).length > 0)
    process.kill(spawner.pid!, 'SIGKILL')
    expect(await running).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
    expect(await processesWith(seconds)).toEqual([])
  })

  test('whose sandbox cannot be set up does not run at all', async () => {
    const around = await (
      await openSandbox({ asked: 'auto', spawner, dataDir, readable: [] })
    ).sandbox!.around({
      root: boxed.root,
      cwd: boxed.root,
      network: false,
    })
    const broken = { ...around, argv: [...around.argv, '--ro-bind', '/no/such/place', '/mnt'] }
    const marker = path.join(boxed.root, 'ran')
    const result = await spawner.run({
      argv: ['/bin/touch', marker],
      cwd: boxed.root,
      env: {},
      sandbox: broken,
      headBytes: 1000,
      tailBytes: 0,
      ...limits,
    })
    expect(result).toMatchObject({ notStarted: true })
    expect(result.problem).toContain('the sandbox could not be set up')
    await expect(readFile(marker)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('what a project needs', () => {
  test('is there: node, npm, python and git', async () => {
    const { output, exitCode } = await run('node -e 1 && npm --version && python3 -c 1 && git --version')
    expect([exitCode, output]).toEqual([0, expect.stringContaining('git version')])
  })

  test('in a part of a repository, what lies above it can be read', async () => {
    const root = path.join(base, 'mono/packages/app')
    await mkdir(path.join(base, 'mono/node_modules/shared'), { recursive: true })
    await mkdir(path.join(base, 'mono/.git'), { recursive: true })
    await mkdir(root, { recursive: true })
    await writeFile(path.join(base, 'mono/.git/HEAD'), '')
    await writeFile(path.join(base, 'mono/node_modules/shared/index.js'), 'module.exports = "shared"')
    const workspace = await workspaces.open(root)
    const { output } = await run(`node -p "require('shared')"; echo x > ../../x`, workspace)
    expect(output).toContain('shared\n')
    await expect(readFile(path.join(base, 'mono/x'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('caches stay from one command to the next, /tmp does not', async () => {
    await run('mkdir -p ~/.cache && echo kept > ~/.cache/x; echo gone > /tmp/x')
    expect((await run('cat ~/.cache/x; cat /tmp/x 2>/dev/null || echo nothing')).output).toBe(
      'kept\nnothing\n',
    )
    await expect(readFile(path.join(home, '.cache/x'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('packages borrowed by a link from another project can be read', async () => {
    const root = path.join(base, 'borrowing')
    await mkdir(path.join(base, 'lender/node_modules/lent'), { recursive: true })
    await mkdir(root)
    await writeFile(path.join(base, 'lender/node_modules/lent/index.js'), 'module.exports = "lent"')
    await symlink(path.join(base, 'lender/node_modules'), path.join(root, 'node_modules'))
    const { output } = await run(`node -p "require('lent')"`, await workspaces.open(root))
    expect(output).toBe('lent\n')
  })

  test('a link in the project does not make what it points at readable', async () => {
    await symlink(path.join(home, '.ssh'), path.join(boxed.root, 'node_modules'))
    expect((await run('cat node_modules/id_ed25519')).output).not.toContain(SECRET)
  })
})
