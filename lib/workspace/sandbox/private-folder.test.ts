import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makePrivateFolder, removeLeftovers, removePrivateFolder } from './private-folder.ts'

let base: string

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'retrai-private-')))
})
afterEach(() => rm(base, { recursive: true, force: true }))

test('it is for its owner alone, and shows of the home what it is told to', async () => {
  await mkdir(join(base, 'real/.pyenv'), { recursive: true })
  const { path, home } = await makePrivateFolder({
    base,
    links: [
      { name: '.pyenv', target: join(base, 'real/.pyenv') },
      { name: '.cargo/registry', target: join(base, 'real') },
    ],
    owner: null,
  })
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect((await readdir(home)).toSorted()).toEqual(['.cargo', '.pyenv'])
  expect(await readlink(join(home, '.pyenv'))).toBe(join(base, 'real/.pyenv'))
  await removePrivateFolder(path)
  expect(await readdir(join(base, 'real'))).toEqual(['.pyenv'])
  expect(await readdir(base)).toEqual(['real'])
})

test('nothing is made behind a link, nor a link where a folder is', async () => {
  await mkdir(join(base, 'cache'))
  const { home } = await makePrivateFolder({
    base,
    links: [
      { name: '.gradle', target: join(base, 'cache') },
      { name: '.gradle/wrapper', target: '/usr' },
      { name: 'go/pkg', target: join(base, 'cache') },
      { name: 'go', target: '/usr' },
    ],
    owner: null,
  })
  expect(await readdir(join(base, 'cache'))).toEqual([])
  expect(await readdir(join(home, 'go'))).toEqual(['pkg'])
})

test('what servers that are gone have left is removed, what others have is not', async () => {
  const { path } = await makePrivateFolder({ base, links: [], owner: null })
  // No process has a number beyond 2^22.
  await mkdir(join(base, `rb-${(2 ** 30).toString(36)}-abcdef`, 'home'), { recursive: true })
  await writeFile(join(base, 'rb-notes.txt'), 'mine')
  await removeLeftovers(base)
  expect((await readdir(base)).toSorted()).toEqual([path.slice(base.length + 1), 'rb-notes.txt'].toSorted())
  expect(await readFile(join(base, 'rb-notes.txt'), 'utf8')).toBe('mine')
})
