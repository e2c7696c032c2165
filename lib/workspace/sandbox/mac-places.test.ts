import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contains } from './bwrap-args.ts'
import { findMacPlaces } from './mac-places.ts'

let home: string

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'retrai-home-')))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const find = (env: Record<string, string> = {}, extra: string[] = []) =>
  findMacPlaces({ env: { HOME: home, ...env }, home, extra, owner: null })

test('of the home toolchains are read, those of macOS too, and what a variable names', async () => {
  const shown = ['.pyenv', 'Library/Python', 'Library/pnpm', 'tools/jdk']
  for (const name of [...shown, '.ssh', 'Documents', 'Library/Keychains'])
    await mkdir(join(home, name), { recursive: true })
  const { readOnly, hidden } = await find({ JAVA_HOME: join(home, 'tools/jdk') })
  for (const name of shown) expect(readOnly).toContain(join(home, name))
  for (const name of ['.ssh', 'Documents', 'Library/Keychains', 'Library'])
    expect([name, readOnly.some(place => contains(place, join(home, name)))]).toEqual([name, false])
  expect(hidden).toEqual(expect.arrayContaining(['/Library/Keychains', join(home, 'Library/Keychains')]))
})

test('what toolchains keep beside their programs is hidden', async () => {
  await mkdir(join(home, '.m2/wrapper'), { recursive: true })
  await mkdir(join(home, '.cargo'), { recursive: true })
  await writeFile(join(home, '.cargo/credentials.toml'), '')
  const { hidden } = await find({ RUSTUP_HOME: join(home, '.cargo') })
  expect(hidden).toContain(join(home, '.cargo/credentials.toml'))
})

test('no variable makes everybody’s homes or disks a toolchain, nor temporary files', async () => {
  for (const path of [
    '/',
    '/Users',
    '/Volumes',
    '/private',
    '/private/tmp',
    '/tmp',
    '/var',
    '/private/var/folders',
  ]) {
    const { readOnly } = await find({ JAVA_HOME: path, PATH: `${path}:/usr/bin` })
    expect([path, readOnly.includes(path)]).toEqual([path, false])
  }
})

test('a folder that the server is told to show is shown, by its real path', async () => {
  await mkdir(join(home, 'data'))
  const { readOnly } = await find({}, [join(home, '.', 'data'), '/does/not/exist'])
  expect(readOnly).toContain(join(home, 'data'))
  expect(readOnly).not.toContain('/does/not/exist')
})
