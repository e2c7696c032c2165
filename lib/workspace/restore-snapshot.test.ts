import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSpawner } from './spawner.ts'
import { type TestFolder, testFolder } from './test-folder.ts'
import type { Workspace } from './workspace.ts'
import { createWorkspaces, type Workspaces } from './workspaces.ts'

let folder: TestFolder
let workspaces: Workspaces
let workspace: Workspace
let root: string

let projects = 0

beforeAll(async () => {
  folder = await testFolder()
  const env = { ...process.env, HOME: '/nowhere', XDG_CONFIG_HOME: undefined }
  workspaces = createWorkspaces({ dataDir: join(folder.path, 'data'), spawner: createSpawner(), env })
})
beforeEach(async () => {
  projects += 1
  root = join(folder.path, `project-${projects}`)
  await mkdir(root)
  workspace = await workspaces.open(root)
})
afterAll(async () => {
  await workspaces.close()
  await folder.remove()
})

const at = (name: string) => join(root, name)
const write = (name: string, content: string | Uint8Array) =>
  folder.write(join(`project-${projects}`, name), content)
const read = (name: string) => readFile(at(name), 'utf8')
const isThere = (name: string) =>
  lstat(at(name)).then(
    () => true,
    () => false,
  )
const snapshot = async () => (await workspace.snapshot())!

/** Every path with its content, its target, or its execution bit: all that a person would see. */
async function everything(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const full = join(entry.parentPath, entry.name)
    const name = full.slice(root.length + 1)
    if (entry.isSymbolicLink()) found[name] = `→ ${await readlink(full)}`
    else if (entry.isFile()) {
      const { mode } = await stat(full)
      found[name] = `${mode & 0o100 ? '*' : ''}${(await readFile(full)).toString('latin1')}`
    } else found[name] = '/'
  }
  return found
}

/** What is there before and what an iteration does; afterwards it must be as before. */
async function undone(before: () => Promise<unknown>, iteration: () => Promise<unknown>) {
  await before()
  const to = await snapshot()
  const then = await everything()
  await iteration()
  const from = await snapshot()
  const restored = await workspace.restore(from, to)
  return { then, restored, to, from }
}

describe('what an iteration did is undone', () => {
  test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['an edit', () => write('a.txt', 'one'), () => write('a.txt', 'two')],
    ['a new file', () => write('a.txt', 'one'), () => write('b.txt', 'new')],
    ['a new file in new folders', () => write('a.txt', 'one'), () => write('deep/er/b.txt', 'new')],
    ['a file that was deleted', () => write('deep/a.txt', 'one'), () => rm(at('deep'), { recursive: true })],
    ['a rename', () => write('a.txt', 'one\ntwo\nthree\n'), () => rename(at('a.txt'), at('b.txt'))],
    [
      'a folder that was renamed',
      () => write('src/a.txt', 'one').then(() => write('src/b.txt', 'two')),
      () => rename(at('src'), at('lib')),
    ],
    ['an execution bit that was set', () => write('run.sh', 'echo'), () => chmod(at('run.sh'), 0o755)],
    [
      'an execution bit that was taken',
      () => write('run.sh', 'echo').then(() => chmod(at('run.sh'), 0o755)),
      () => chmod(at('run.sh'), 0o644),
    ],
    [
      'a program that was deleted',
      () => write('run.sh', 'echo').then(() => chmod(at('run.sh'), 0o755)),
      () => rm(at('run.sh')),
    ],
    ['a new link', () => write('a.txt', 'one'), () => symlink('a.txt', at('link'))],
    ['a link that was deleted', () => symlink('/nowhere/x', at('link')), () => rm(at('link'))],
    [
      'a link that leads elsewhere',
      () => symlink('a.txt', at('link')),
      () => rm(at('link')).then(() => symlink('b.txt', at('link'))),
    ],
    [
      'a file that became a link',
      () => write('a.txt', 'one').then(() => write('b.txt', 'two')),
      () => rm(at('a.txt')).then(() => symlink('b.txt', at('a.txt'))),
    ],
    [
      'a link that became a file',
      () => write('b.txt', 'two').then(() => symlink('b.txt', at('a.txt'))),
      () => rm(at('a.txt')).then(() => write('a.txt', 'one')),
    ],
    [
      'a file that became a folder',
      () => write('a', 'one'),
      () => rm(at('a')).then(() => write('a/b/c.txt', 'in it')),
    ],
    [
      'a folder that became a file',
      () => write('a/b/c.txt', 'in it'),
      () => rm(at('a'), { recursive: true }).then(() => write('a', 'one')),
    ],
    [
      'a folder that became a link to outside',
      () => write('a/b.txt', 'mine').then(() => folder.write('outside/b.txt', 'not mine')),
      () => rm(at('a'), { recursive: true }).then(() => symlink(join(folder.path, 'outside'), at('a'))),
    ],
    [
      'bytes that are no text',
      () => write('a.bin', Uint8Array.of(0, 255, 10, 13)),
      () => write('a.bin', 'x'),
    ],
    ['line ends', () => write('a.txt', 'one\r\ntwo\r\n'), () => write('a.txt', 'one\ntwo\n')],
    ['names that are no words', () => write('a b\n"c".txt', 'one'), () => write('a b\n"c".txt', 'two')],
    ['a file that is emptied', () => write('a.txt', 'one'), () => write('a.txt', '')],
    [
      'a name that git could take for a pattern',
      () => write(':(top)x.txt', 'one'),
      () => write(':(top)x*.txt', 'new').then(() => write(':(top)x.txt', 'two')),
    ],
    ['nothing', () => write('a.txt', 'one'), async () => {}],
  ])('%s', async (_, before, iteration) => {
    const { then, restored, to } = await undone(before, iteration)
    expect(await everything()).toEqual(then)
    expect(restored).toMatchObject({ tree: to, left: [] })
  })

  test('what is behind a link stays as it is', async () => {
    await undone(
      () => write('a/b.txt', 'mine').then(() => folder.write('outside/b.txt', 'not mine')),
      () => rm(at('a'), { recursive: true }).then(() => symlink(join(folder.path, 'outside'), at('a'))),
    )
    expect(await readFile(join(folder.path, 'outside', 'b.txt'), 'utf8')).toBe('not mine')
  })

  test('who may read a file stays as it was', async () => {
    await undone(
      () => write('secret.txt', 'one').then(() => chmod(at('secret.txt'), 0o600)),
      () => write('secret.txt', 'two'),
    )
    expect((await stat(at('secret.txt'))).mode & 0o777).toBe(0o600)
  })
})

describe('what snapshots leave out stays', () => {
  test('ignored files and dependencies, changed and new', async () => {
    await undone(
      () => write('.gitignore', '*.log\n').then(() => write('a.log', 'of before')),
      async () => {
        for (const name of ['a.log', 'b.log', 'node_modules/x/index.js']) await write(name, 'of the agent')
        await write('a.txt', 'new')
      },
    )
    expect(await isThere('a.txt')).toBe(false)
    for (const name of ['a.log', 'b.log', 'node_modules/x/index.js'])
      expect(await read(name)).toBe('of the agent')
  })

  test('a file that only came into sight because the ignore file was changed', async () => {
    const { restored } = await undone(
      () => write('.gitignore', '.env\ndist/\n').then(() => write('.env', 'KEY=1')),
      () => write('.gitignore', 'dist/\n').then(() => write('new.txt', 'x')),
    )
    expect(await read('.env')).toBe('KEY=1')
    expect(await isThere('new.txt')).toBe(false)
    expect(await read('.gitignore')).toBe('.env\ndist/\n')
    // And it is out of sight again.
    expect(restored.left).toEqual([])
    expect((await workspace.filesIn(await snapshot())).map(({ path }) => path)).toEqual(['.gitignore'])
  })

  test('the same where the ignore file was deleted, in a folder of the project', async () => {
    await undone(
      () => write('sub/.gitignore', 'local.json\n').then(() => write('sub/local.json', '{}')),
      () => rm(at('sub/.gitignore')),
    )
    expect(await read('sub/local.json')).toBe('{}')
    expect(await read('sub/.gitignore')).toBe('local.json\n')
  })

  test('the repository of the project, and one inside it with what it ignores', async () => {
    await undone(
      async () => {
        await write('.git/HEAD', 'ref: refs/heads/main\n')
        await write('inner/.git/HEAD', 'ref: refs/heads/main\n')
        await write('inner/.gitignore', 'private\n')
        await write('inner/private', 'mine')
        await write('inner/a.txt', 'one')
      },
      async () => {
        await write('.git/HEAD', 'ref: refs/heads/other\n')
        await write('inner/.gitignore', '')
        await write('inner/a.txt', 'two')
        await write('inner/b.txt', 'new')
      },
    )
    expect(await read('.git/HEAD')).toBe('ref: refs/heads/other\n')
    expect(await read('inner/a.txt')).toBe('one')
    expect(await read('inner/private')).toBe('mine')
    expect(await isThere('inner/b.txt')).toBe(false)
  })
})

describe('after it broke off', () => {
  test('it is done again with the same result, wherever that was', async () => {
    await write('a.txt', 'one')
    await write('b.txt', 'one')
    await write('gone/c.txt', 'one')
    await write('.gitignore', '.env\n')
    await write('.env', 'KEY=1')
    const to = await snapshot()
    const then = await everything()
    const iteration = async () => {
      await write('a.txt', 'two')
      await write('b.txt', 'two')
      await rm(at('gone'), { recursive: true, force: true })
      await write('.gitignore', '')
      await write('new.txt', 'new')
    }
    await iteration()
    const from = await snapshot()
    const halves: (() => Promise<unknown>)[] = [
      () => write('a.txt', 'one'),
      () => write('.gitignore', '.env\n'),
      () => rm(at('new.txt')),
      () => write('gone/c.txt', 'one'),
      () => workspace.restore(from, to),
    ]
    for (const half of halves) {
      await iteration()
      await half()
      expect(await workspace.restore(from, to)).toMatchObject({ tree: to, left: [] })
      expect(await everything()).toEqual(then)
    }
  })

  test('what somebody changed meanwhile stays, and is named', async () => {
    await write('a.txt', 'one')
    await write('b.txt', 'one')
    const to = await snapshot()
    await write('a.txt', 'two')
    await write('b.txt', 'two')
    await write('c.txt', 'new')
    const from = await snapshot()
    await write('a.txt', 'of a person')
    await write('mine.txt', 'of a person')
    const restored = await workspace.restore(from, to)
    expect(restored.left).toEqual(['a.txt'])
    expect(restored.restored.toSorted()).toEqual(['b.txt', 'c.txt'])
    expect(await everything()).toEqual({ 'a.txt': 'of a person', 'b.txt': 'one', 'mine.txt': 'of a person' })
  })

  test('a file whose place is taken by something that snapshots do not see is named', async () => {
    await write('.gitignore', '*.log\n')
    await write('a', 'one')
    const to = await snapshot()
    await rm(at('a'))
    await write('a/b.txt', 'x')
    await write('a/c.log', 'ignored')
    const from = await snapshot()
    const { left } = await workspace.restore(from, to)
    expect(left).toEqual(['a'])
    expect(await everything()).toEqual({ '.gitignore': '*.log\n', a: '/', 'a/c.log': 'ignored' })
  })
})

test('it ends when it is told to', async () => {
  await write('a.txt', 'one')
  const to = await snapshot()
  await writeFile(at('a.txt'), 'two')
  const from = await snapshot()
  const stopped = AbortSignal.abort(new Error('the run was aborted'))
  await expect(workspace.restore(from, to, stopped)).rejects.toThrow('the run was aborted')
  expect(await read('a.txt')).toBe('two')
})
