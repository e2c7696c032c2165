// A disk without room: what a check needs is refused in words, nothing of the agent's is lost, and it works again with room.
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { canMount, smallDisk } from '#lib/testing/small-disk'
import { tempFolder } from '#lib/testing/temp-folder'
import { restoreBeforeGoingOn } from './protected-files.ts'
import { createSpawner, type Spawner } from './spawner.ts'
import { putBackInterrupted, withVersions } from './swapped-files.ts'
import { createWorkspaces } from './workspaces.ts'

async function openProject(
  dataDir: string,
  files: Record<string, Uint8Array>,
  spawner: Spawner = createSpawner(),
) {
  const root = tempFolder('project')
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(root, name), content)
  const workspaces = createWorkspaces({ dataDir, spawner })
  onTestFinished(() => workspaces.close())
  return { root, workspace: await workspaces.open(root) }
}

const base = (name: string, size = 10) => ({ path: name, content: Buffer.alloc(size, 'b'), mode: '100644' })

describe('a snapshot for which git has no room', () => {
  it.each([
    'error: file write error: No space left on device\nfatal: unable to write loose object file',
    'fatal: write error: Disk quota exceeded',
  ])('rejects with disk_full, instead of doing without: %s', async said => {
    const spawner = createSpawner()
    let isFull = true
    const short: Spawner = {
      ...spawner,
      async run(command) {
        const result = await spawner.run(command)
        if (!isFull || !command.argv.includes('update-index')) return result
        return { ...result, exitCode: 128, err: { ...result.err, head: Buffer.from(said) } }
      },
    }
    const { workspace } = await openProject(tempFolder('data'), { 'a.txt': Buffer.from('a') }, short)
    await expect(workspace.snapshot()).rejects.toMatchObject({ code: 'disk_full' })
    expect(workspace.snapshotProblem).toBeNull()
    isFull = false
    expect(await workspace.snapshot()).toMatch(/^[0-9a-f]{40}$/)
  })
})

// Without the right to mount, only the made-up failures above can be tried.
describe.runIf(canMount())('on a file system of 16 MiB that is filled up', () => {
  it('a snapshot rejects with disk_full, leaves no waste, and is right once there is room', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`${index}.bin`, randomBytes(100_000)]),
    )
    const small = smallDisk()
    const { root, workspace } = await openProject(small.folder, files)
    for (const leave of [0, 4096, 300_000, 1_500_000]) {
      small.fill(leave)
      await expect(workspace.snapshot()).rejects.toMatchObject({ code: 'disk_full' })
      expect(workspace.snapshotProblem).toBeNull()
      const left = await readdir(path.join(small.folder, 'snapshots'), { recursive: true }).catch(() => [])
      expect(left.filter(name => name.includes('tmp_obj'))).toEqual([])
    }
    small.makeRoom()
    const tree = await workspace.snapshot()
    const other = createWorkspaces({ dataDir: tempFolder('data'), spawner: createSpawner() })
    onTestFinished(() => other.close())
    expect(tree).toBe(await (await other.open(root)).snapshot())

    small.fill()
    expect((await workspace.fileAt(tree!, '3.bin'))?.equals(files['3.bin']!)).toBe(true)
    const reopened = createWorkspaces({ dataDir: small.folder, spawner: createSpawner() })
    onTestFinished(() => reopened.close())
    expect((await (await reopened.open(root)).diff(tree!, tree!)).stat).toMatchObject({ files: 0 })
  })

  it('protected files are not swapped when the versions of the agent cannot be stored', async () => {
    const small = smallDisk()
    const root = tempFolder('project')
    await writeFile(path.join(root, 'a.test'), Buffer.alloc(500_000, 'agent'))
    await writeFile(path.join(root, 'b.test'), 'agent b')
    const stateDir = path.join(small.folder, 'state')
    await mkdir(stateDir)
    let checks = 0
    for (const leave of [0, 100_000, 400_000]) {
      small.fill(leave)
      const swapped = withVersions(
        root,
        stateDir,
        [base('b.test'), base('a.test')],
        async () => (checks += 1),
      )
      await expect(swapped).rejects.toMatchObject({ code: 'disk_full' })
      expect(await readdir(stateDir)).toEqual([])
    }
    expect(checks).toBe(0)
    expect((await readFile(path.join(root, 'a.test'))).equals(Buffer.alloc(500_000, 'agent'))).toBe(true)
    small.makeRoom()
    expect(
      await withVersions(root, stateDir, [base('a.test')], () => readFile(path.join(root, 'a.test'), 'utf8')),
    ).toBe('b'.repeat(10))
  })

  it('a version of the agent that cannot be put back stays stored, and comes back once there is room', async () => {
    const small = smallDisk()
    const agents = randomBytes(500_000)
    await writeFile(path.join(small.folder, 'a.test'), agents)
    const stateDir = tempFolder('state')
    const swapped = withVersions(small.folder, stateDir, [base('a.test')], async () => small.fill(100_000))
    await expect(swapped).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringContaining('are kept in'),
    })
    expect(await readdir(stateDir)).toHaveLength(1)

    const still = await putBackInterrupted(stateDir)
    expect(still).toMatchObject({ repaired: [], failed: [{ root: small.folder }] })
    await expect(restoreBeforeGoingOn(stateDir)).rejects.toMatchObject({ code: 'disk_full' })
    expect(await readdir(stateDir)).toHaveLength(1)
    small.makeRoom()
    expect(await putBackInterrupted(stateDir)).toEqual({ repaired: [small.folder], failed: [] })
    expect((await readFile(path.join(small.folder, 'a.test'))).equals(agents)).toBe(true)
    await restoreBeforeGoingOn(stateDir) // nothing is left to do
    expect(await readdir(stateDir)).toEqual([])
    expect((await readdir(small.folder)).filter(name => name.startsWith('.retrai'))).toEqual([])
  })

  it('versions from the start that do not fit into the project leave it as the agent had it', async () => {
    const small = smallDisk()
    await writeFile(path.join(small.folder, 'a.test'), 'agent')
    await writeFile(path.join(small.folder, 'b.test'), 'agent b')
    const stateDir = tempFolder('state')
    small.fill(50_000)
    const versions = [base('a.test', 10), base('b.test', 200_000)]
    await expect(withVersions(small.folder, stateDir, versions, async () => 1)).rejects.toMatchObject({
      code: 'disk_full',
    })
    expect(await readFile(path.join(small.folder, 'a.test'), 'utf8')).toBe('agent')
    expect(await readFile(path.join(small.folder, 'b.test'), 'utf8')).toBe('agent b')
    expect(await readdir(stateDir)).toEqual([])
  })
})
