import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'
import { keepToOwner } from './own-only.ts'

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8)
const noted: string[] = []
const note = (sentence: string) => void noted.push(sentence)

test('a directory that is open to all is closed, with everything of ours in it', async () => {
  const dir = tempFolder()
  chmodSync(dir, 0o755)
  mkdirSync(path.join(dir, 'snapshots'), { mode: 0o755 })
  for (const name of ['retrai.db', 'retrai.db-wal', 'lock.db', 'server.json'])
    writeFileSync(path.join(dir, name), 'x', { mode: 0o644 })
  await keepToOwner(dir, note)
  expect(modeOf(dir)).toBe('700')
  expect(modeOf(path.join(dir, 'snapshots'))).toBe('700')
  for (const name of readdirSync(dir).filter(name => name !== 'snapshots'))
    expect(modeOf(path.join(dir, name)), name).toBe('600')
})

test('a new database is there before anybody could read it', async () => {
  const dir = tempFolder()
  await keepToOwner(dir, note)
  expect(modeOf(path.join(dir, 'retrai.db'))).toBe('600')
})

test('what else lies there stays as it is, and so does the directory then', async () => {
  const dir = tempFolder()
  chmodSync(dir, 0o755)
  writeFileSync(path.join(dir, 'notes.txt'), 'x')
  chmodSync(path.join(dir, 'notes.txt'), 0o644)
  symlinkSync(path.join(dir, 'notes.txt'), path.join(dir, 'ballast'))
  await keepToOwner(dir, note)
  expect(modeOf(dir)).toBe('755')
  expect(modeOf(path.join(dir, 'notes.txt'))).toBe('644')
  expect(modeOf(path.join(dir, 'retrai.db'))).toBe('600')
  expect(noted).toEqual([])
})
