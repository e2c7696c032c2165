import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { createListFolders } from './list-folders.ts'

/** A home with a project, a plain folder, keys, the server's data, and something outside. */
function machine() {
  const top = realpathSync(tempFolder())
  const home = join(top, 'home')
  for (const folder of ['code/shop/.git', 'code/shop/src', 'code/notes', '.ssh', 'data', 'code/node_modules'])
    mkdirSync(join(home, folder), { recursive: true })
  mkdirSync(join(top, 'elsewhere/secret'), { recursive: true })
  writeFileSync(join(home, 'code/file.txt'), '')
  symlinkSync(join(top, 'elsewhere'), join(home, 'code/link-out'))
  symlinkSync(join(home, 'code/notes'), join(home, 'code/link-in'))
  symlinkSync(join(home, 'code/nowhere'), join(home, 'code/broken'))
  return { top, home, code: join(home, 'code'), dataDir: join(home, 'data') }
}
const namesOf = (list: { folders: { name: string }[] }) => list.folders.map(({ name }) => name)

test('folders are listed by name, projects are marked, and hidden ones, files and broken links are left out', async () => {
  const { home, code, dataDir } = machine()
  const list = createListFolders({ dataDir, home, roots: [code], defaultCwd: code })
  const found = await list()
  expect(found).toMatchObject({ path: code, can_run: true, why_not: null, truncated: false, starts: [code] })
  expect(found.folders.map(({ name, is_project }) => [name, is_project])).toEqual([
    ['link-in', false],
    ['notes', false],
    ['shop', true],
  ])
  expect(found.folders[0]?.path).toBe(join(code, 'notes'))
})

test('with roots nothing outside them is shown, and what lies above them only as the way to them', async () => {
  const { top, home, code, dataDir } = machine()
  const list = createListFolders({ dataDir, home, roots: [code], defaultCwd: code })
  for (const path of [join(top, 'elsewhere'), join(code, 'link-out'), join(home, '.ssh'), '/etc', dataDir])
    await expect(list(path), path).rejects.toMatchObject({ code: 'bad_query' })
  const above = await list(home)
  expect(namesOf(above)).toEqual(['code'])
  expect(above).toMatchObject({ can_run: false, parent: top })
  expect(namesOf(await list(top))).toEqual(['home'])
})

test('without roots the home can be looked through, and what the server keeps cannot', async () => {
  const { home, code, dataDir } = machine()
  const list = createListFolders({ dataDir, home, defaultCwd: join(code, 'shop') })
  const found = await list(home)
  expect(namesOf(found)).toEqual(['code'])
  expect(found.can_run).toBe(false)
  expect(found.why_not).toContain('give the directory of one project')
  await expect(list(dataDir)).rejects.toMatchObject({ code: 'bad_query' })
  await expect(list(join(home, '.ssh'))).rejects.toMatchObject({ code: 'bad_query' })
  expect((await list()).path).toBe(join(code, 'shop'))
})

test('a path that is none is said to be one', async () => {
  const { home, code, dataDir } = machine()
  const list = createListFolders({ dataDir, home, roots: [code], defaultCwd: code })
  await expect(list(join(code, 'gone'))).rejects.toMatchObject({ code: 'not_found' })
  await expect(list('code')).rejects.toMatchObject({ code: 'bad_query' })
  await expect(list('/a\0b')).rejects.toMatchObject({ code: 'bad_query' })
  await expect(list(join(code, 'file.txt'))).rejects.toMatchObject({ code: 'bad_query' })
  await expect(list(`/${'x'.repeat(300)}`)).rejects.toMatchObject({ code: 'bad_query' })
})

test('a folder with very many folders is cut, and says so', async () => {
  const { home, code, dataDir } = machine()
  const many = join(code, 'many')
  mkdirSync(many)
  for (let i = 0; i < 1005; i += 1) mkdirSync(join(many, `f${i}`))
  const found = await createListFolders({ dataDir, home, roots: [code], defaultCwd: code })(many)
  expect(found.folders).toHaveLength(1000)
  expect(found.truncated).toBe(true)
  expect(namesOf(found).slice(0, 3)).toEqual(['f0', 'f1', 'f2'])
})
