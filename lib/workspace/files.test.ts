import { execFileSync, spawn } from 'node:child_process'
import { chmod, link, lstat, mkdir, readdir, readFile, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deleteInside, listInside, readFileInside, writeFileInside } from './files.ts'
import { resolveInside } from './paths.ts'
import { type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
let root: string

beforeEach(async () => {
  folder = await testFolder()
  root = join(folder.path, 'project')
  await folder.write('outside/secret.txt', 'secret')
  await folder.write('project/src/a.txt', 'inside')
})
afterEach(() => folder.remove())

describe('a path', () => {
  test('inside is found, relative or absolute, existing or not', async () => {
    expect(await resolveInside(root, 'src/a.txt')).toBe(join(root, 'src/a.txt'))
    expect(await resolveInside(root, join(root, 'src'))).toBe(join(root, 'src'))
    expect(await resolveInside(root, 'src/../new/deep/file')).toBe(join(root, 'new/deep/file'))
    expect(await resolveInside(root, '.')).toBe(root)
    expect(await resolveInside(root, 'src/a.txt/not-a-folder')).toBe(join(root, 'src/a.txt/not-a-folder'))
  })

  test('through a link that stays inside is found at its real place', async () => {
    await symlink('src', join(root, 'alias'))
    expect(await resolveInside(root, 'alias/a.txt')).toBe(join(root, 'src/a.txt'))
    expect(await resolveInside(root, 'alias/new.txt')).toBe(join(root, 'src/new.txt'))
  })

  test('that leads outside is refused, however it does', async () => {
    await symlink('../outside', join(root, 'dir'))
    await symlink('../outside/secret.txt', join(root, 'file'))
    await symlink('../outside/new.txt', join(root, 'dangling'))
    await symlink('dangling', join(root, 'second'))
    await mkdir(join(folder.path, 'project-other'))
    const ways = [
      '..',
      '../outside/secret.txt',
      'src/../../outside',
      '/etc/passwd',
      'dir/secret.txt',
      'dir/new/deeper.txt',
      'file',
      'dangling',
      'second',
      '../project-other/x',
      '../project-other',
    ]
    for (const way of ways) {
      await expect(resolveInside(root, way), way).rejects.toMatchObject({ code: 'invalid' })
      await expect(readFileInside(root, way), way).rejects.toThrow(/leads outside the project/)
      await expect(writeFileInside(root, way, 'x'), way).rejects.toThrow(/leads outside the project/)
    }
    expect(await readdir(join(folder.path, 'outside'))).toEqual(['secret.txt'])
  })

  test('with a NUL, in a circle or too long is refused with a sentence', async () => {
    await symlink('loop', join(root, 'loop'))
    await expect(resolveInside(root, 'a\0b')).rejects.toThrow(/NUL/)
    await expect(resolveInside(root, 'loop')).rejects.toThrow(/circle/)
    await expect(resolveInside(root, 'x'.repeat(5000))).rejects.toThrow(/too long/)
  })
})

describe('reading', () => {
  test('gives the bytes and the mode', async () => {
    await chmod(join(root, 'src/a.txt'), 0o640)
    const file = await readFileInside(root, 'src/a.txt')
    expect(file).toMatchObject({ mode: 0o640, path: 'src/a.txt' })
    expect(file.content.toString()).toBe('inside')
  })

  test('refuses quickly what is not a regular file', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    const began = performance.now()
    await expect(readFileInside(root, 'pipe')).rejects.toThrow('pipe is not a regular file')
    await expect(readFileInside(root, 'src')).rejects.toThrow('src is a directory; list it with file_list.')
    await expect(readFileInside(root, 'nothing')).rejects.toThrow('nothing does not exist')
    expect(performance.now() - began).toBeLessThan(1000)
  })

  test('refuses what is too large, and says how to read it', async () => {
    await expect(readFileInside(root, 'src/a.txt', 3)).rejects.toThrow(
      /more than the .* read at once; search it with/,
    )
  })

  test('leaks nothing, and writes nothing outside, while another program exchanges folder and link', async () => {
    await symlink('../outside', join(root, 'evil'))
    await folder.write('project/good/secret.txt', 'public')
    const attack = `
      const { renameSync, rmSync } = require('node:fs')
      const turn = name => {
        try {
          renameSync(name, 'spot')
          renameSync('spot', name)
        } catch {
          try {
            rmSync('spot', { recursive: true, force: true }) // The victim has made it meanwhile.
          } catch {} // And has put something into it; the next turn tries again.
        }
      }
      for (;;) { turn('good'); turn('evil') }`
    const attacker = spawn(process.execPath, ['-e', attack], { cwd: root })
    const seen = new Set<string>()
    try {
      // Bounded: whether the attacker is quick enough to be seen depends on the machine.
      for (
        let round = 0;
        round < 20_000 && !(round > 3000 && seen.has('refused') && seen.has('public'));
        round++
      ) {
        if (round % 20 === 0) await writeFileInside(root, 'spot/new.txt', 'x').catch(() => {})
        await readFileInside(root, 'spot/secret.txt').then(
          file => seen.add(file.content.toString()),
          error => seen.add(/leads outside/.test(error.message) ? 'refused' : 'missing'),
        )
      }
    } finally {
      attacker.kill('SIGKILL')
    }
    expect(seen).not.toContain('secret')
    expect(seen).toContain('refused')
    expect(await readdir(join(folder.path, 'outside'))).toEqual(['secret.txt'])
  })
})

describe('writing', () => {
  test('creates parents, replaces content and keeps the mode', async () => {
    expect(await writeFileInside(root, 'a/b/c.txt', 'one')).toEqual({ created: true, path: 'a/b/c.txt' })
    await chmod(join(root, 'a/b/c.txt'), 0o755)
    expect(await writeFileInside(root, 'a/b/c.txt', 'two')).toEqual({ created: false, path: 'a/b/c.txt' })
    expect(await readFile(join(root, 'a/b/c.txt'), 'utf8')).toBe('two')
    expect((await lstat(join(root, 'a/b/c.txt'))).mode & 0o777).toBe(0o755)
    expect(await readdir(join(root, 'a/b'))).toEqual(['c.txt'])
  })

  test('writes where a link leads, and the link stays', async () => {
    await symlink('src/a.txt', join(root, 'alias'))
    await writeFileInside(root, 'alias', 'new')
    expect(await readlink(join(root, 'alias'))).toBe('src/a.txt')
    expect(await readFile(join(root, 'src/a.txt'), 'utf8')).toBe('new')
  })

  test('does not change a file outside that is hard-linked to one inside', async () => {
    await link(join(folder.path, 'outside/secret.txt'), join(root, 'hard'))
    await writeFileInside(root, 'hard', 'changed')
    expect(await readFile(join(folder.path, 'outside/secret.txt'), 'utf8')).toBe('secret')
  })

  test('refuses the repository and the settings of the run', async () => {
    await mkdir(join(root, '.git/hooks'), { recursive: true })
    await symlink('.git/hooks', join(root, 'innocent'))
    for (const path of [
      '.git/config',
      '.git/hooks/post-commit',
      'innocent/post-commit',
      'sub/.GIT/config',
      '.git',
    ]) {
      await expect(writeFileInside(root, path, 'x'), path).rejects.toThrow(/belongs to git/)
    }
    await expect(writeFileInside(root, '.retrai.yml', 'x')).rejects.toThrow(/settings of this run/)
    await writeFileInside(root, 'docs/.retrai.yml', 'x')
    await writeFileInside(root, '.gitignore', 'x')
    expect(await readdir(join(root, '.git/hooks'))).toEqual([])
  })

  test('refuses directories, pipes and paths through files with a sentence', async () => {
    execFileSync('mkfifo', [join(root, 'pipe')])
    await expect(writeFileInside(root, 'src', 'x')).rejects.toThrow('src is a directory')
    await expect(writeFileInside(root, '.', 'x')).rejects.toThrow("project's directory")
    await expect(writeFileInside(root, 'pipe', 'x')).rejects.toThrow('named pipe')
    await expect(writeFileInside(root, 'src/a.txt/b', 'x')).rejects.toThrow('is a file, not a directory')
  })
})

test('deleting removes a link, not what it leads to, and does not mind that nothing is there', async () => {
  await symlink('../outside/secret.txt', join(root, 'link'))
  await deleteInside(root, 'link')
  await deleteInside(root, 'link')
  expect(await readFile(join(folder.path, 'outside/secret.txt'), 'utf8')).toBe('secret')
})

test('listing names links without following them', async () => {
  await symlink('../outside', join(root, 'link'))
  expect(await listInside(root, '.')).toEqual([
    { name: 'link', kind: 'link', size: null },
    { name: 'src', kind: 'directory', size: null },
  ])
  expect(await listInside(root, 'src')).toEqual([{ name: 'a.txt', kind: 'file', size: 6 }])
})
