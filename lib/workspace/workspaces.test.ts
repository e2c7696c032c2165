import { execFile } from 'node:child_process'
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../limits.ts'
import { createSpawner } from './spawner.ts'
import { processesWith, type TestFolder, testFolder, uniqueSeconds } from './test-folder.ts'
import type { Workspace } from './workspace.ts'
import { createWorkspaces, type Workspaces } from './workspaces.ts'

let folder: TestFolder
let workspaces: Workspaces
let workspace: Workspace

beforeEach(async () => {
  folder = await testFolder()
  await folder.write('project/src/a.txt', 'inside')
  workspaces = createWorkspaces({
    dataDir: join(folder.path, 'data'),
    spawner: createSpawner(),
    env: { ...process.env, ANTHROPIC_API_KEY: 'sk-canary' },
  })
  workspace = await workspaces.open(join(folder.path, 'project'))
})
afterEach(async () => {
  await workspaces.close()
  await folder.remove()
})

test('of an output so much is kept, its beginning and its end, and its true size is known', async () => {
  const kept = LIMITS.outputKeptBytes
  const print = (bytes: number) =>
    workspace.run({
      command: `printf begin; head -c ${bytes - 8} /dev/zero | tr '\\0' x; printf end`,
      timeoutMs: 20_000,
    })
  const whole = await print(kept)
  expect(whole).toMatchObject({ bytes: kept, truncated: false })
  const cut = await print(kept * 3)
  expect(cut).toMatchObject({ bytes: kept * 3, truncated: true })
  expect(cut.output).toMatch(/^begin[\s\S]*end$/)
  expect(cut.output.length).toBeLessThan(kept + 200)
})

describe('opening a folder', () => {
  test('gives its real place', async () => {
    await symlink('project', join(folder.path, 'alias'))
    expect((await workspaces.open(join(folder.path, 'alias/.'))).root).toBe(join(folder.path, 'project'))
  })

  test('refuses what no run can work in, and points to cwd', async () => {
    await writeFile(join(folder.path, 'file'), '')
    await symlink('loop', join(folder.path, 'loop'))
    const bad = {
      project: 'absolute path',
      '': 'absolute path',
      '~/project': 'absolute path',
      '/no/such/folder': 'does not exist',
      [join(folder.path, 'file')]: 'not a directory',
      [join(folder.path, 'file/below')]: 'not a directory',
      [join(folder.path, 'loop')]: 'circle',
      '/tmp\0/x': 'NUL',
      [`/${'x'.repeat(5000)}`]: '4096',
    }
    for (const [cwd, why] of Object.entries(bad)) {
      const error = await workspaces.open(cwd).catch(error => error)
      expect(error, cwd).toMatchObject({ code: 'invalid', fields: [{ pointer: '/cwd' }] })
      expect(error.message, cwd).toContain(why)
    }
  })

  test('refuses what the server may not enter or write to', async () => {
    await chmod(folder.path, 0o755)
    await mkdir(join(folder.path, 'closed'), { mode: 0o500 })
    await mkdir(join(folder.path, 'fixed'), { mode: 0o555 })
    await folder.write(
      'open.mts',
      `import { createWorkspaces } from ${JSON.stringify(new URL('./workspaces.ts', import.meta.url).pathname)}
      import { createSpawner } from ${JSON.stringify(new URL('./spawner.ts', import.meta.url).pathname)}
      const workspaces = createWorkspaces({ dataDir: '/nowhere', spawner: createSpawner() })
      for (const name of ['closed', 'fixed']) {
        await workspaces.open(${JSON.stringify(folder.path)} + '/' + name).catch(error => console.log(error.message))
      }`,
    )
    // Root may go everywhere, so somebody else has to try.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
    const tsx = createRequire(import.meta.url).resolve('tsx')
    const args = ['--import', pathToFileURL(tsx).href, join(folder.path, 'open.mts')]
    const { stdout } = await promisify(execFile)(process.execPath, args, { ...nobody, cwd: '/' })
    expect(stdout.split('\n').filter(line => line.includes('may not read, write and enter'))).toHaveLength(2)
  })
})

describe('running a command', () => {
  test('happens in the folder, or in one inside it', async () => {
    expect((await workspace.run({ command: 'pwd', timeoutMs: 5000 })).output).toBe(`${workspace.root}\n`)
    expect((await workspace.run({ command: 'pwd', cwd: 'src', timeoutMs: 5000 })).output).toBe(
      `${workspace.root}/src\n`,
    )
    await expect(workspace.run({ command: 'pwd', cwd: '..', timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'invalid',
    })
  })

  test('gives it none of our secrets', async () => {
    const { output } = await workspace.run({ command: 'env; cat /proc/$PPID/environ', timeoutMs: 5000 })
    expect(output).not.toContain('sk-canary')
    expect(output).not.toContain('VITEST')
  })

  test('that does not exist is exit code 127, a folder that does not exist too', async () => {
    const missing = await workspace.run({ command: 'no-such-program', timeoutMs: 5000 })
    expect(missing).toMatchObject({ exitCode: 127, timedOut: false })
    expect(missing.output).toContain('no-such-program')
    expect(await workspace.run({ command: 'true', cwd: 'nowhere', timeoutMs: 5000 })).toMatchObject({
      exitCode: 127,
      output: 'nowhere is not a directory.\n',
    })
  })

  test('that takes too long keeps what it printed', async () => {
    const seconds = uniqueSeconds()
    const result = await workspace.run({ command: `echo begun; sleep ${seconds}`, timeoutMs: 200 })
    expect(result).toMatchObject({ exitCode: null, timedOut: true, output: 'begun\n' })
    expect(await processesWith(seconds)).toEqual([])
  })

  test('keeps head and tail of long output and its true size', async () => {
    const result = await workspace.run({ command: 'seq 1 1000000', timeoutMs: 20_000, keepBytes: 1000 })
    expect(result).toMatchObject({ exitCode: 0, bytes: 6_888_896, truncated: true })
    expect(result.output).toMatch(/^1\n2\n[\s\S]*\n\[… [\d,]+ bytes left out …\]\n[\s\S]*\n1000000\n$/)
  })
})
