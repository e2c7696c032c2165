// A repository that is a trap: git, test runners and package managers are told by it to run programs. Each leaves a mark outside the
// project when it runs unsandboxed; looked at from all sides, none may be there. Without the sandbox some are.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Answer, text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import type { Scenario } from '../reliability/scenario.ts'
import { untilStatus } from './until-status.ts'

const FILES = {
  'a.txt': 'one\n',
  'b.md': 'two\n',
  'c.cfg': 'three\n',
  '.gitattributes': '*.txt filter=evil\n*.md diff=evil\n*.cfg diff=evilcommand\n',
  'test/a.test.mjs': "import test from 'node:test'\ntest('fails', () => { throw new Error('no') })\n",
  'test_a.py': 'def test_a():\n    assert False\n',
}

/** What the agent runs, as any agent does in a repository. */
const COMMANDS = [
  'git status; git diff; git diff HEAD; git log -p -1; git show; git blame a.txt; git -p diff',
  'git add -A; git commit -qm work; git stash; git checkout -- .; git checkout -f HEAD -- a.txt; rm -f a.txt; git checkout a.txt',
  'git st; git fetch -q; git push -q; git submodule update --init -q; git gc -q --auto',
  'git -C vendor/lib status; git -C vendor/lib commit -q --allow-empty -m x; git -C docs/bare status; cd docs/bare && git status',
  'make -n; python3 -m pytest -q; python3 -c "import conftest"',
]

export const hostileRepository: Scenario = {
  name: 'hostile-repository',
  promise:
    'nothing that a repository tells git, test runners and package managers to run is run outside of the sandbox',
  async run({ scale, log }) {
    const base = await realpath(await mkdtemp(path.join(tmpdir(), 'retrai-traps-')))
    const marks = path.join(base, 'marks')
    // As people have it who want the project's tools.
    const stage = await openStage({
      env: { PATH: `./own-bin:.:${process.env.PATH}`, HOME: path.join(base, 'home') },
    })
    mkdirSync(path.join(base, 'home'))
    const found = () => (existsSync(marks) ? readdirSync(marks).toSorted() : [])
    const broken: string[] = []
    try {
      const isFull = scale === 'full'
      const boxed = await visit(stage, marks, { commands: COMMANDS, body: {}, isFull })
      if (boxed.sandbox !== 'bwrap') throw new Error(`there is no sandbox here (${boxed.sandbox})`)
      const { traps } = boxed
      const inside = found()
      for (const mark of inside) broken.push(`the trap ${mark} was executed outside of the sandbox`)
      log(`${traps.length} traps in the sandbox, ${inside.length} marks`)
      rmSync(marks, { recursive: true, force: true })

      // What the server itself does with a repository executes nothing of it, sandbox or not.
      if (isFull) await visit(stage, marks, { commands: [], body: { sandbox: 'off' }, isFull })
      const byLooking = found()
      for (const mark of byLooking) broken.push(`the trap ${mark} was executed by the server itself`)
      rmSync(marks, { recursive: true, force: true })

      const commands = isFull ? COMMANDS : COMMANDS.slice(0, 1)
      await visit(stage, marks, { commands, body: { sandbox: 'off' }, isFull })
      const outside = found()
      log(`without the sandbox: ${outside.join(', ')}`)
      if (outside.length === 0)
        broken.push('without the sandbox no trap was executed either: these are no traps')
      return {
        figures: {
          traps: traps.length,
          'executed outside of the sandbox': inside.length,
          ...(isFull && { 'executed by the server itself': byLooking.length }),
          'executed without the sandbox': `${outside.length} of ${traps.length}`,
        },
        broken,
      }
    } finally {
      await stage.close()
      await rm(base, { recursive: true, force: true })
    }
  },
}

interface Visit {
  commands: string[]
  body: Record<string, unknown>
  /** Everything that can be asked about a run, not only the run. */
  isFull: boolean
}

/** A run in a new repository, with its gate, and a look at all that shows it. */
async function visit(stage: Stage, marks: string, { commands, body, isFull }: Visit) {
  const edits = ['a.txt', 'b.md', 'c.cfg'].map(name =>
    toolUse('file_write', { path: name, content: `changed ${name}\n` }),
  )
  const script: Answer[] = [
    turn([
      text('I change, look and try.'),
      ...edits,
      toolUse('git_diff', {}),
      toolUse('grep_search', { pattern: 'changed' }),
      ...commands.map(command => toolUse('bash_exec', { command, timeout_seconds: 60 })),
      toolUse('git_diff', { path: 'a.txt' }),
    ]),
    turn([text('That is all.')]),
    turn([toolUse('git_diff', {}), text('Once more.')]),
    turn([text('That is all, again.')]),
  ]
  const cwd = await stage.project(FILES, script)
  const traps = setTraps(cwd, marks)
  const { client } = stage
  const ask = (method: string, address: string, sent?: unknown) =>
    client.request(method, address, sent === undefined ? {} : { body: sent })
  await ask('POST', '/api/goals/detect', { cwd })
  const { run_id: id } = await client.start({
    // A check runs what the project says; where nothing is to run, it is none.
    ...(commands.length === 0
      ? { goal: 'look', check_command: 'exit 1' }
      : isFull
        ? { goal: 'npm-test' }
        : { goal: 'look', check_command: 'npm test --silent' }),
    ...{ cwd, max_iterations: isFull ? 2 : 1, hitl_enabled: true, no_progress_iterations: 0 },
    ...body,
  })
  const run = await untilStatus(client, id, 'waiting')
  const look = async () => {
    for (const part of ['diff', 'iterations', 'events?limit=500', 'evidence'])
      await ask('GET', `/api/runs/${id}/${part}`)
    const gate = (await client.gates()).find(({ run_id }) => run_id === id)
    for (const page of [
      '/',
      `/runs/${id}`,
      `/runs/${id}?tab=changes`,
      ...(gate ? [`/runs/${id}/gate/${gate.gate_id}`] : []),
    ])
      await (await fetch(stage.server.url + page)).text()
  }
  await look()
  if (isFull) {
    await client.resume(id, { decision: 'approve', note: 'go on' })
    await untilStatus(client, id, 'waiting')
    await look()
  }
  await client.resume(id, { decision: 'abort' })
  await untilStatus(client, id, 'aborted')
  if (isFull && commands.length > 0) {
    await ask('POST', `/api/runs/${id}/verify`, {})
    await ask('POST', `/api/runs/${id}/verify`, { checkout: true })
    if (body.sandbox !== 'off') await ask('POST', '/api/goals/check', { cwd, goal: 'npm-test' })
  }
  return { traps, sandbox: run.sandbox }
}

/** Makes the project a repository, then a trap in every way that we know; answers their names. */
function setTraps(project: string, marks: string): string[] {
  const names = new Set<string>()
  const put = (name: string, content: string, mode = 0o644) => {
    const file = path.join(project, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
    chmodSync(file, mode)
  }
  const git = (folder: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    })
  const begin = (folder: string) => {
    mkdirSync(folder, { recursive: true })
    git(folder, 'init', '-q', '-b', 'main')
    git(folder, 'add', '-A')
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'begin')
  }
  /** Leaves its mark, where it can. */
  const mark = (name: string) => {
    names.add(name)
    return `mkdir -p '${marks}' 2>/dev/null && : > '${marks}/${name}'`
  }
  const program = (name: string, then = ''): string => {
    put(`traps/${name}`, `#!/bin/sh\n${mark(name)}\n${then}\n`, 0o755)
    return path.join(project, 'traps', name)
  }
  const sections = (folder: string, config: string) =>
    writeFileSync(path.join(folder, 'config'), config, { flag: 'a' })
  const hooks =
    'pre-commit post-checkout post-index-change reference-transaction post-commit pre-auto-gc post-rewrite'.split(
      ' ',
    )

  begin(project)
  const nested = path.join(project, 'vendor/lib')
  begin(nested)
  sections(
    path.join(nested, '.git'),
    `[core]\n\tfsmonitor = ${program('nested-fsmonitor')}\n[user]\n\tname = x\n\temail = x@example.org\n`,
  )
  for (const hook of hooks) put(`vendor/lib/.git/hooks/${hook}`, `#!/bin/sh\n${mark('hooks')}\n`, 0o755)

  const bare = path.join(project, 'docs/bare')
  mkdirSync(bare, { recursive: true })
  git(bare, 'init', '-q', '--bare', '-b', 'main')
  rmSync(path.join(bare, 'config'))
  sections(
    bare,
    `[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ${project}\n\tfsmonitor = ${program('embedded-bare-repository')}\n`,
  )

  for (const hook of hooks) put(`own-hooks/${hook}`, `#!/bin/sh\n${mark('hooks-path')}\n`, 0o755)
  put('.gitmodules', '[submodule "sub"]\n\tpath = sub\n\turl = ./docs/bare\n')
  sections(
    path.join(project, '.git'),
    [
      '[core]',
      `\tfsmonitor = ${program('fsmonitor')}`,
      `\thooksPath = ${path.join(project, 'own-hooks')}`,
      `\tsshCommand = ${program('ssh-command')}`,
      `\tpager = ${program('pager', 'cat')}`,
      `\teditor = ${program('editor')}`,
      '[filter "evil"]',
      `\tclean = ${program('clean-filter', 'cat')}`,
      `\tsmudge = ${program('smudge-filter', 'cat')}`,
      '[diff]',
      `\texternal = ${program('external-diff')}`,
      '[diff "evil"]',
      `\ttextconv = ${program('textconv', 'cat "$1"')}`,
      '[diff "evilcommand"]',
      `\tcommand = ${program('diff-command')}`,
      '[alias]',
      `\tst = !${program('alias')}`,
      '[remote "origin"]',
      '\turl = ssh://git@example.org/x.git',
      '\tfetch = +refs/heads/*:refs/remotes/origin/*',
      '[credential]',
      `\thelper = ${program('credential-helper')}`,
      '[submodule "sub"]',
      '\tactive = true',
      '\turl = ./docs/bare',
      `\tupdate = !${program('submodule-update')}`,
      '[user]',
      '\tname = x',
      '\temail = x@example.org',
      '',
    ].join('\n'),
  )
  put('own-bin/git', `#!/bin/sh\n${mark('git-of-the-project')}\nexec /usr/bin/git "$@"\n`, 0o755)
  put('bash', `#!/bin/sh\n${mark('bash-of-the-project')}\nexec /bin/bash "$@"\n`, 0o755)
  put('conftest.py', `import os\nos.system("""${mark('conftest')}""")\n`)
  put('Makefile', `X := $(shell ${mark('makefile')})\ntest:\n\tfalse\n`)
  put(
    'package.json',
    JSON.stringify({ name: 'x', scripts: { pretest: mark('package-script'), test: 'node --test' } }),
  )
  put('.npmrc', `node-options=--require ${path.join(project, 'preload.cjs')}\n`)
  put('preload.cjs', `require('node:child_process').execSync(${JSON.stringify(mark('npmrc'))})\n`)
  return [...names]
}
