import { spawn } from 'node:child_process'
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
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { restoreInterrupted, withProtectedFiles } from './protected-files.ts'
import type { ProtectedKey, Protection } from './protection.ts'
import { createSpawner } from './spawner.ts'
import { type TestFolder, testFolder, until } from './test-folder.ts'
import type { Workspace } from './workspace.ts'
import { createWorkspaces, type Workspaces } from './workspaces.ts'

let folder: TestFolder
let workspaces: Workspaces
let workspace: Workspace
let root: string
let stateDir: string
let baseTree: string

const PACKAGE = `${JSON.stringify({ name: 'x', scripts: { test: 'vitest', build: 'tsc' } }, null, 4)}\n`

beforeEach(async () => {
  folder = await testFolder()
  root = join(folder.path, 'project')
  stateDir = join(folder.path, 'state')
  await write('tests/test_a.py', 'assert 1 == 1\n')
  await write('tests/deep/test_b.py', 'b\n')
  await write('src/a.py', 'code\n')
  await write('package.json', PACKAGE)
  workspaces = createWorkspaces({ dataDir: join(folder.path, 'data'), spawner: createSpawner() })
  workspace = await workspaces.open(root)
  baseTree = (await workspace.snapshot())!
})
afterEach(async () => {
  await workspaces.close()
  await folder.remove()
})

const write = (name: string, content: string) => folder.write(join('project', name), content)
const read = (name: string) => readFile(join(root, name), 'utf8')

async function judged<T>(
  run: () => Promise<T>,
  more: {
    mode?: 'off' | 'report' | 'enforce'
    keys?: ProtectedKey[]
    patterns?: string[]
    rest?: Partial<Protection> & { isFirst?: boolean }
  } = {},
) {
  return withProtectedFiles({
    workspace,
    baseTree,
    currentTree: (await workspace.snapshot())!,
    patterns: more.patterns ?? ['tests/**', 'conftest.py'],
    governs: ['**/conftest.py', '**/pytest.ini', '**/{test,tests}/**/__init__.py'],
    keys: more.keys ?? [],
    mode: more.mode ?? 'enforce',
    stateDir,
    ...more.rest,
    run,
  })
}

const testKeys: ProtectedKey[] = [{ file: 'package.json', path: ['scripts', 'test'] }]

describe('a check with protected files', () => {
  test('sees a changed file as it was, and the agent has its own version back', async () => {
    await write('tests/test_a.py', 'assert 1 == 2\n')
    await chmod(join(root, 'tests/test_a.py'), 0o700)
    await write('src/a.py', 'better code\n')
    const { result, flags } = await judged(async () => [
      await read('tests/test_a.py'),
      await read('src/a.py'),
    ])
    expect(result).toEqual(['assert 1 == 1\n', 'better code\n'])
    expect(flags).toEqual([
      {
        code: 'protected_changed',
        path: 'tests/test_a.py',
        detail:
          'tests/test_a.py was changed since the run began; the check ran with the version from the start.',
      },
    ])
    expect(await read('tests/test_a.py')).toBe('assert 1 == 2\n')
    expect((await stat(join(root, 'tests/test_a.py'))).mode & 0o777).toBe(0o700)
    expect(await readdir(stateDir)).toEqual([])
  })

  test('sees a deleted file, which is gone again afterwards, its folder too', async () => {
    await rm(join(root, 'tests/deep'), { recursive: true })
    const { result, flags } = await judged(() => read('tests/deep/test_b.py'))
    expect(result).toBe('b\n')
    expect(flags).toMatchObject([{ code: 'protected_deleted', path: 'tests/deep/test_b.py' }])
    expect(await readdir(join(root, 'tests'))).toEqual(['test_a.py'])
  })

  test('sees a renamed test under its old name', async () => {
    await rename(join(root, 'tests/test_a.py'), join(root, 'tests/not_run.py'))
    const { result } = await judged(() => readdir(join(root, 'tests')))
    expect(result.sort()).toEqual(['deep', 'not_run.py', 'test_a.py'])
    expect((await readdir(join(root, 'tests'))).sort()).toEqual(['deep', 'not_run.py'])
  })

  test('does not mind added tests', async () => {
    await write('tests/test_new.py', 'new\n')
    const { result, flags } = await judged(() => read('tests/test_new.py'))
    expect([result, flags]).toEqual(['new\n', []])
  })

  test('does not see a new file that decides over the tests there were, and the agent has it back', async () => {
    await write('conftest.py', 'everything passes\n')
    const { result, flags } = await judged(() => readdir(root))
    expect(result).not.toContain('conftest.py')
    expect(flags).toEqual([
      {
        code: 'protected_changed',
        path: 'conftest.py',
        detail: 'conftest.py was added since the run began; the check ran without it.',
      },
    ])
    expect(await read('conftest.py')).toBe('everything passes\n')
  })

  test('sees the file where the agent put a link, a folder or nothing but another link to the folder', async () => {
    await rm(join(root, 'tests/test_a.py'))
    await symlink('/etc/hostname', join(root, 'tests/test_a.py'))
    await rm(join(root, 'tests/deep/test_b.py'))
    await mkdir(join(root, 'tests/deep/test_b.py'))
    await write('tests/deep/test_b.py/test_c.py', 'passes\n')
    const { result } = await judged(async () => [
      await read('tests/test_a.py'),
      await read('tests/deep/test_b.py'),
    ])
    expect(result).toEqual(['assert 1 == 1\n', 'b\n'])
    expect(await readlink(join(root, 'tests/test_a.py'))).toBe('/etc/hostname')
    expect(await read('tests/deep/test_b.py/test_c.py')).toBe('passes\n')
    expect((await readdir(root)).sort()).toEqual(['package.json', 'src', 'tests'])
  })

  test('sees the folder where the agent put a link that leads outside', async () => {
    await folder.write('elsewhere/test_a.py', 'outside\n')
    await rm(join(root, 'tests'), { recursive: true })
    await symlink('../elsewhere', join(root, 'tests'))
    const { result } = await judged(() => read('tests/test_a.py'))
    expect(result).toBe('assert 1 == 1\n')
    expect(await readlink(join(root, 'tests'))).toBe('../elsewhere')
    expect(await folder.read('elsewhere/test_a.py')).toBe('outside\n')
  })

  test('only reports in mode report, and does nothing in mode off', async () => {
    await write('tests/test_a.py', 'changed\n')
    const reported = await judged(() => read('tests/test_a.py'), { mode: 'report' })
    expect(reported.result).toBe('changed\n')
    expect(reported.flags[0]?.detail).toBe(
      'tests/test_a.py was changed since the run began; the check ran with it as it is now.',
    )
    const off = await judged(() => read('tests/test_a.py'), { mode: 'off' })
    expect(off).toEqual({ result: 'changed\n', flags: [] })
  })

  test('that fails, or changes the files itself, leaves the agent with its own versions', async () => {
    await write('tests/test_a.py', 'agent\n')
    await rm(join(root, 'tests/deep/test_b.py'))
    const failing = judged(async () => {
      await write('tests/test_a.py', 'by the check\n')
      await write('tests/deep/test_b.py', 'by the check\n')
      throw new Error('aborted')
    })
    await expect(failing).rejects.toThrow('aborted')
    expect(await read('tests/test_a.py')).toBe('agent\n')
    expect(await readdir(join(root, 'tests/deep'))).toEqual([])
  })

  test('gives every swapped file a time in another second, so that no stale cache is used', async () => {
    await write('tests/test_a.py', 'assert 1 == 2\n') // The same size, most likely in the same second.
    const agent = (await stat(join(root, 'tests/test_a.py'))).mtimeMs
    const { result: during } = await judged(async () => (await stat(join(root, 'tests/test_a.py'))).mtimeMs)
    const after = (await stat(join(root, 'tests/test_a.py'))).mtimeMs
    const seconds = [agent, during, after].map(time => Math.floor(time / 1000))
    expect(seconds[1]).not.toBe(seconds[0])
    expect(seconds[2]).not.toBe(seconds[1])
  })
})

describe('what no snapshot shows', () => {
  test('a governing file that .gitignore hides is taken away, unless it was there at the start', async () => {
    await write('.gitignore', 'pytest.ini\n')
    await write('deep/pytest.ini', 'mine\n')
    baseTree = (await workspace.snapshot())!
    await judged(async () => {}, { rest: { isFirst: true } })
    await write('pytest.ini', 'everything passes\n')
    const { result, flags } = await judged(async () => [await readdir(root), await read('deep/pytest.ini')])
    expect(result[0]).not.toContain('pytest.ini')
    expect(result[1]).toBe('mine\n')
    expect(flags.map(({ path }) => path)).toEqual(['pytest.ini'])
    expect(await read('pytest.ini')).toBe('everything passes\n')
    await write('deep/pytest.ini', 'changed\n')
    expect((await judged(() => read('deep/pytest.ini'))).result).toBe('mine\n')
    expect(await read('deep/pytest.ini')).toBe('changed\n')
  })

  test('an added __init__.py of comments is left, one with code and folders of dependencies are not', async () => {
    await judged(async () => {}, { rest: { isFirst: true } })
    await write('tests/__init__.py', '# tests\n"""Tests."""\n')
    await write('tests/deep/__init__.py', 'import cheat\n')
    await write('tests/node_modules/x/index.js', 'x\n')
    const { result, flags } = await judged(async () => [
      ...(await readdir(join(root, 'tests'))),
      ...(await readdir(join(root, 'tests/deep'))),
    ])
    expect(result.toSorted()).toEqual(['__init__.py', 'deep', 'test_a.py', 'test_b.py'])
    expect(flags.map(({ code, path }) => [code, path]).toSorted()).toEqual([
      ['protected_changed', 'tests/deep/__init__.py'],
      ['tool_shadowed', 'tests/node_modules'],
    ])
    expect(await read('tests/node_modules/x/index.js')).toBe('x\n')
  })

  test('a protected file that is rewritten meanwhile is told and blocks, put back or not', async () => {
    await judged(async () => {}, { rest: { isFirst: true } })
    const rewritten = await judged(() => write('tests/test_a.py', 'passes\n'))
    expect(rewritten.flags).toMatchObject([
      { code: 'changed_during_check', path: 'tests/test_a.py', blocks: true },
    ])
    await write('tests/test_a.py', 'assert 1 == 1\n')
    const there = await judged(async () => {
      await write('tests/test_a.py', 'passes\n')
      await write('tests/test_a.py', 'assert 1 == 1\n')
    })
    expect(there.flags).toMatchObject([{ code: 'changed_during_check', blocks: true }])
    const executable = await judged(() => chmod(join(root, 'tests/test_a.py'), 0o755))
    expect(executable.flags).toEqual([])
  })

  test('what the check of the start wrote to as well does not block', async () => {
    await judged(() => write('tests/test_a.py', 'a result\n'), { rest: { isFirst: true } })
    await write('tests/test_a.py', 'assert 1 == 1\n')
    const { flags } = await judged(() => write('tests/test_a.py', 'another result\n'))
    expect(flags.map(({ code, blocks }) => [code, blocks])).toEqual([['changed_during_check', undefined]])
  })
})

describe('protected keys', () => {
  test('are set back in the file as it is now', async () => {
    const changed = { name: 'x', scripts: { test: 'true', build: 'new' }, dependencies: { a: '1' } }
    const text = `${JSON.stringify(changed)}\n`
    await write('package.json', text)
    const { result, flags } = await judged(() => read('package.json'), { keys: testKeys })
    expect(JSON.parse(result)).toEqual({ ...changed, scripts: { test: 'vitest', build: 'new' } })
    expect(flags).toMatchObject([{ code: 'protected_changed', path: 'package.json' }])
    expect(flags[0]?.detail).toContain('scripts.test in package.json was changed')
    expect(await read('package.json')).toBe(text)
  })

  test('that did not change leave the file alone', async () => {
    const text = PACKAGE.replace('tsc', 'tsc -b')
    await write('package.json', text)
    const { result, flags } = await judged(() => read('package.json'), { keys: testKeys })
    expect([result, flags]).toEqual([text, []])
  })

  test('added or removed by the agent are out or in again', async () => {
    await write('package.json', '{"name":"x","jest":{"testMatch":[]},"scripts":{}}')
    const keys = [...testKeys, { file: 'package.json', path: ['jest'] }]
    const { result } = await judged(() => read('package.json'), { keys })
    expect(JSON.parse(result)).toEqual({ name: 'x', scripts: { test: 'vitest' } })
  })

  test('of a file that is gone or broken bring back the whole file', async () => {
    await write('package.json', 'broken')
    const { result, flags } = await judged(() => read('package.json'), { keys: testKeys })
    expect(result).toBe(PACKAGE)
    expect(flags).toMatchObject([{ code: 'protected_deleted', path: 'package.json' }])
    expect(await read('package.json')).toBe('broken')
  })
})

describe('a crash in the middle of a check', () => {
  test('is repaired at the next start, as often as it is asked', async () => {
    await write('tests/test_a.py', 'agent\n')
    await rm(join(root, 'tests/deep'), { recursive: true })
    await write('package.json', PACKAGE.replace('vitest', 'true'))
    await folder.write(
      'server.mts',
      `import { withProtectedFiles } from ${JSON.stringify(new URL('./protected-files.ts', import.meta.url).pathname)}
      import { createWorkspaces } from ${JSON.stringify(new URL('./workspaces.ts', import.meta.url).pathname)}
      import { createSpawner } from ${JSON.stringify(new URL('./spawner.ts', import.meta.url).pathname)}
      const workspaces = createWorkspaces({ dataDir: ${JSON.stringify(join(folder.path, 'data'))}, spawner: createSpawner() })
      const workspace = await workspaces.open(${JSON.stringify(root)})
      await withProtectedFiles({ workspace, baseTree: '${baseTree}', currentTree: await workspace.snapshot(),
        patterns: ['tests/**'], keys: ${JSON.stringify(testKeys)}, mode: 'enforce', stateDir: ${JSON.stringify(stateDir)},
        run: () => workspace.run({ command: 'touch ../judging; sleep 600', timeoutMs: 600000 }) })`,
    )
    const server = spawn(process.execPath, ['--import', 'tsx', join(folder.path, 'server.mts')], {
      stdio: 'inherit',
    })
    await until(async () => (await readdir(folder.path)).includes('judging'))
    server.kill('SIGKILL')
    expect(await read('tests/test_a.py')).toBe('assert 1 == 1\n')
    expect(await restoreInterrupted(stateDir)).toEqual({ repaired: [root], failed: [] })
    expect(await restoreInterrupted(stateDir)).toEqual({ repaired: [], failed: [] })
    expect(await read('tests/test_a.py')).toBe('agent\n')
    expect(await readdir(join(root, 'tests'))).toEqual(['test_a.py'])
    expect(await read('package.json')).toBe(PACKAGE.replace('vitest', 'true'))
  })

  test('that cannot be repaired keeps the versions and does not stop the start; a project that is gone is let go', async () => {
    const stored = async (name: string, root: string) => {
      const files = [{ kind: 'file', path: 'tests/test_a.py', saved: '0.saved', mode: 0o644 }]
      const manifest = { root, aside: '.retrai-aside-x', files, moved: [], madeDirectories: [] }
      await folder.write(`state/${name}/manifest.json`, JSON.stringify(manifest))
      await folder.write(`state/${name}/0.saved`, 'agent\n')
    }
    await stored('gone', join(folder.path, 'no-more'))
    await stored('stuck', root)
    await rm(join(root, 'tests'), { recursive: true })
    await symlink('/', join(root, 'tests'))
    const { repaired, failed } = await restoreInterrupted(stateDir)
    expect([repaired, failed]).toMatchObject([[], [{ root, storedIn: join(stateDir, 'stuck') }]])
    expect(await readdir(stateDir)).toEqual(['stuck'])
    await rm(join(root, 'tests'))
    expect(await restoreInterrupted(stateDir)).toEqual({ repaired: [root], failed: [] })
    expect(await read('tests/test_a.py')).toBe('agent\n')
  })

  test('while the versions were being stored had touched nothing', async () => {
    await mkdir(join(stateDir, 'half'), { recursive: true })
    await writeFile(join(stateDir, 'half/0.saved'), 'x')
    expect(await restoreInterrupted(stateDir)).toEqual({ repaired: [], failed: [] })
    expect(await readdir(stateDir)).toEqual([])
    expect(await restoreInterrupted(join(stateDir, 'never-made'))).toEqual({ repaired: [], failed: [] })
    expect((await lstat(join(root, 'tests'))).isDirectory()).toBe(true)
  })
})
