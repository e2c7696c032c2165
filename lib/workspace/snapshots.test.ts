import { execFileSync } from 'node:child_process'
import {
  chmod,
  mkdir,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSpawner } from './spawner.ts'
import { type TestFolder, testFolder } from './test-folder.ts'
import type { Workspace } from './workspace.ts'
import { createWorkspaces, type Workspaces } from './workspaces.ts'

let folder: TestFolder
let workspaces: Workspaces
let workspace: Workspace
let root: string

beforeEach(async () => {
  folder = await testFolder()
  root = join(folder.path, 'project')
  await mkdir(root)
  const env = { ...process.env, HOME: '/nowhere', XDG_CONFIG_HOME: undefined }
  workspaces = createWorkspaces({ dataDir: join(folder.path, 'data'), spawner: createSpawner(), env })
  workspace = await workspaces.open(root)
})
afterEach(async () => {
  await workspaces.close()
  await folder.remove()
})

const write = (name: string, content: string | Uint8Array) => folder.write(join('project', name), content)

async function snapshot(): Promise<string> {
  const tree = await workspace.snapshot()
  expect(workspace.snapshotProblem).toBeNull()
  return tree!
}

function git(...args: string[]): string {
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' })
}

describe('a snapshot', () => {
  test('of the same files is the same, of others another', async () => {
    await write('a.txt', 'one')
    const first = await snapshot()
    expect(await snapshot()).toBe(first)
    await write('a.txt', 'two')
    const second = await snapshot()
    expect(second).not.toBe(first)
    await write('a.txt', 'one')
    expect(await snapshot()).toBe(first)
  })

  test('sees edits of the same size in the same second, with the old time put back', async () => {
    await write('a.txt', '0000')
    const { atime, mtime } = await stat(join(root, 'a.txt'))
    const trees = new Set<string>()
    for (let round = 0; round < 15; round++) {
      await write('a.txt', String(round).padStart(4, '0'))
      await utimes(join(root, 'a.txt'), atime, mtime)
      trees.add(await snapshot())
    }
    expect(trees.size).toBe(15)
  })

  test('leaves out what nobody wrote, and what the project ignores', async () => {
    await write('.gitignore', 'dist/\n*.log\n')
    for (const name of ['src/a.ts', 'sub/.gitignore', '.env', 'target/keep', 'build/keep'])
      await write(name, 'x')
    for (const name of [
      'node_modules/m/i.js',
      'sub/node_modules/x',
      '.venv/x',
      '__pycache__/a.pyc',
      '.next/x',
    ]) {
      await write(name, 'x')
    }
    for (const name of ['dist/out.js', 'debug.log', '.pytest_cache/x', '.retrai/x']) await write(name, 'x')
    const { stat } = await workspace.diff('4b825dc642cb6eb9a060e54bf8d69288fbee4904', await snapshot())
    expect(stat.by_file.map(file => file.path).sort()).toEqual(
      ['.env', '.gitignore', 'build/keep', 'src/a.ts', 'sub/.gitignore', 'target/keep'].sort(),
    )
  })

  test('holds the bytes that are there, whatever the project says about line endings and filters', async () => {
    await write(
      '.gitattributes',
      '* text=auto eol=lf ident\n*.txt filter=evil working-tree-encoding=UTF-16\n',
    )
    await write('a.txt', 'one\r\ntwo\r\n$Id$\r\n')
    const tree = await snapshot()
    expect((await workspace.fileAt(tree, 'a.txt'))?.toString()).toBe('one\r\ntwo\r\n$Id$\r\n')
  })

  test('neither touches the repository of the project nor runs anything it names', async () => {
    git('init', '-q')
    await write('a.txt', 'one')
    git('add', '.')
    git('commit', '-qm', 'first')
    const trap = `touch ${folder.path}/trapped`
    for (const key of [
      'core.fsmonitor',
      'filter.evil.clean',
      'filter.evil.process',
      'diff.external',
      'core.pager',
    ]) {
      git('config', key, trap)
    }
    await write('.gitattributes', '* filter=evil diff=evil\n')
    git('config', 'diff.evil.textconv', trap)
    git('config', 'core.hooksPath', join(root, 'hooks'))
    await write('hooks/post-index-change', `#!/bin/sh\n${trap}\n`)
    await chmod(join(root, 'hooks/post-index-change'), 0o755)
    const before = execFileSync('find', [join(root, '.git'), '-printf', '%p %T@ %s\n'], { encoding: 'utf8' })
    const first = await snapshot()
    await write('a.txt', 'two')
    await workspace.diff(first, await snapshot())
    expect(execFileSync('find', [join(root, '.git'), '-printf', '%p %T@ %s\n'], { encoding: 'utf8' })).toBe(
      before,
    )
    expect(await readdir(folder.path)).not.toContain('trapped')
  })

  test('contains the files of repositories inside the project, and changes in them', async () => {
    await write('a.txt', 'outer')
    await write('nested/in.txt', 'inner')
    await write('nested/deep/er/too.txt', 'deepest')
    await write('empty/new.txt', 'no commit yet')
    execFileSync('git', ['init', '-q', join(root, 'empty')])
    for (const name of ['nested/deep/er', 'nested']) {
      const inside = (...args: string[]) => git('-C', join(root, name), ...args)
      inside('init', '-q')
      inside('add', '.')
      inside('commit', '-qm', 'first')
    }
    const first = await snapshot()
    await write('nested/in.txt', 'changed')
    await write('nested/deep/er/too.txt', 'changed too')
    const second = await snapshot()
    expect((await workspace.changes(first, second)).map(change => change.path)).toEqual([
      'nested/deep/er/too.txt',
      'nested/in.txt',
    ])
    expect((await workspace.fileAt(second, 'empty/new.txt'))?.toString()).toBe('no commit yet')
    expect((await workspace.fileAt(second, 'a.txt'))?.toString()).toBe('outer')
  })

  test('takes links as links and leaves special files alone', async () => {
    await symlink('/etc/passwd', join(root, 'link'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const tree = await snapshot()
    expect((await workspace.fileAt(tree, 'link'))?.toString()).toBe('/etc/passwd')
    expect(await workspace.fileAt(tree, 'pipe')).toBeNull()
  })

  test('follows a file that becomes a folder, and back', async () => {
    await write('x', 'file')
    const first = await snapshot()
    await rm(join(root, 'x'))
    await write('x/y', 'inside')
    const second = await snapshot()
    expect((await workspace.fileAt(second, 'x/y'))?.toString()).toBe('inside')
    await rm(join(root, 'x'), { recursive: true })
    await write('x', 'file')
    expect(await snapshot()).toBe(first)
  })

  test('follows a folder that becomes a link to another', async () => {
    await write('x/y', 'inside')
    await snapshot()
    await rename(join(root, 'x'), join(folder.path, 'away'))
    await symlink('../away', join(root, 'x'))
    const tree = await snapshot()
    expect((await workspace.fileAt(tree, 'x'))?.toString()).toBe('../away')
    expect(await workspace.fileAt(tree, 'x/y')).toBeNull()
  })

  test('survives a lock and a broken index that a crash left', async () => {
    await write('a', '1')
    await snapshot()
    const [store] = await readdir(join(folder.path, 'data/snapshots'))
    await folder.write(join('data/snapshots', store!, 'index.lock'), '')
    await folder.write(join('data/snapshots', store!, 'index'), 'nonsense, long enough to be read')
    await write('a', '2')
    expect((await workspace.fileAt(await snapshot(), 'a'))?.toString()).toBe('2')
  })

  test('taken at the same time by several gives the same tree', async () => {
    await write('a', '1')
    const other = await workspaces.open(root)
    const trees = await Promise.all([workspace.snapshot(), other.snapshot(), workspace.snapshot()])
    expect(new Set(trees).size).toBe(1)
  })

  test('of too many bytes is not taken, and says what to do', async () => {
    await write('huge.bin', '')
    await truncate(join(root, 'huge.bin'), 2 * 1024 ** 3)
    expect(await workspace.snapshot()).toBeNull()
    expect(workspace.snapshotProblem).toContain('more than 1 GiB')
  })

  test('of too many files is not taken, and says what to do', async () => {
    execFileSync('bash', ['-c', 'mkdir many && cd many && seq 1 50001 | xargs touch'], { cwd: root })
    expect(await workspace.snapshot()).toBeNull()
    expect(workspace.snapshotProblem).toContain('more than 50,000 files')
  })

  test('is null with a sentence where git is missing', async () => {
    const spawner = createSpawner()
    const without = createWorkspaces({
      dataDir: join(folder.path, 'without'),
      spawner,
      env: { PATH: '/nowhere' },
    })
    const opened = await without.open(root)
    expect(await opened.snapshot()).toBeNull()
    expect(opened.snapshotProblem).toContain('git is not installed')
    await without.close()
  })

  test('rejects when aborted', async () => {
    await expect(workspace.snapshot(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})

describe('the difference between two snapshots', () => {
  test('names what was added, changed, deleted and renamed, and what is binary', async () => {
    await write('changed.txt', 'one\ntwo\n')
    await write('deleted.txt', 'gone\n')
    await write('old name.txt', 'a\nb\nc\nd\ne\nf\n')
    await write('image.bin', Uint8Array.of(0, 1, 2))
    const from = await snapshot()
    await write('changed.txt', 'one\n2\nthree\n')
    await rm(join(root, 'deleted.txt'))
    await rename(join(root, 'old name.txt'), join(root, 'new name.txt'))
    await write('image.bin', Uint8Array.of(0, 9))
    await write('added.txt', 'new\n')
    const { stat, patch, truncated } = await workspace.diff(from, await snapshot())
    expect(truncated).toBe(false)
    expect(stat).toMatchObject({ files: 5, insertions: 3, deletions: 2 })
    const file = (path: string, status: string, insertions: number, deletions: number, binary = false) => ({
      path,
      status,
      insertions,
      deletions,
      binary,
    })
    expect(stat.by_file.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
      file('added.txt', 'added', 1, 0),
      file('changed.txt', 'modified', 2, 1),
      file('deleted.txt', 'deleted', 0, 1),
      file('image.bin', 'modified', 0, 0, true),
      file('new name.txt', 'renamed', 0, 0),
    ])
    expect(patch).toContain('--- a/changed.txt\n+++ b/changed.txt\n')
    expect(patch).toContain('rename from old name.txt\nrename to new name.txt\n')
    expect(patch).toContain('Binary files a/image.bin and b/image.bin differ')
  })

  test('is right about names with spaces, quotes, tabs, newlines and any script', async () => {
    const names = [
      'a b',
      'quo"te',
      "it's",
      'tab\there',
      'new\nline',
      'naïve-日本語-😀',
      '-dash',
      ':(top)x',
      'back\\slash',
    ]
    const from = await snapshot()
    for (const name of names) await write(name, 'x\n')
    const to = await snapshot()
    const { stat } = await workspace.diff(from, to)
    expect(stat.by_file.map(file => file.path).sort()).toEqual(names.toSorted())
    for (const name of names) expect((await workspace.fileAt(to, name))?.toString(), name).toBe('x\n')
    expect((await workspace.changes(to, from)).map(change => change.path).sort()).toEqual(names.toSorted())
  })

  test('is cut at a line where it is long, and the counts stay true', async () => {
    const from = await snapshot()
    await write('long.txt', 'a line\n'.repeat(10_000))
    const { stat, patch, truncated } = await workspace.diff(from, await snapshot(), { maxPatchBytes: 1000 })
    expect([truncated, patch.length <= 1000, patch.endsWith('\n')]).toEqual([true, true, true])
    expect(stat.insertions).toBe(10_000)
  })

  test('knows the mode of files, and refuses what is no snapshot', async () => {
    await write('run.sh', '#!/bin/sh\n')
    await chmod(join(root, 'run.sh'), 0o755)
    await symlink('run.sh', join(root, 'link'))
    const from = await snapshot()
    await rm(join(root, 'run.sh'))
    await rm(join(root, 'link'))
    await writeFile(join(root, 'new'), '')
    expect(await workspace.changes(from, await snapshot())).toEqual([
      { path: 'link', status: 'deleted', mode: '120000' },
      { path: 'new', status: 'added', mode: '000000' },
      { path: 'run.sh', status: 'deleted', mode: '100755' },
    ])
    await expect(workspace.diff('--output=/tmp/x', from)).rejects.toMatchObject({ code: 'invalid' })
  })
})
