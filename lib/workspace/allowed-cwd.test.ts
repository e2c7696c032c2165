import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { cwdProblem } from './allowed-cwd.ts'
import { createSpawner } from './spawner.ts'
import { createWorkspaces } from './workspaces.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'retrai-cwd-')))
const home = join(base, 'home/me')
const dataDir = join(base, 'data')
const spawner = createSpawner()
const make = (path: string) => {
  mkdirSync(join(base, path), { recursive: true })
  return join(base, path)
}
const link = (name: string, target: string) => {
  symlinkSync(target, join(base, name))
  return join(base, name)
}
for (const path of ['home/me/.ssh/keys', 'home/me/.aws', 'home/me/code/shop', 'data/snapshots/x', 'plain'])
  make(path)
writeFileSync(join(base, 'file'), '')
afterAll(async () => {
  await spawner.close()
  rmSync(base, { recursive: true })
})

const HOSTILE = [
  ...'/ // /./ /etc /etc/ssl /usr /usr/bin /usr/lib /bin /sbin /boot /proc /proc/self /proc/self/cwd/.. /proc/1 /sys /sys/kernel'.split(
    ' ',
  ),
  ...'/dev /dev/shm /run /var /var/lib /var/log /var/tmp /var/www/../lib /etc/../etc /tmp/../etc /tmp/.. /usr/local/bin'.split(
    ' ',
  ),
  home,
  join(base, 'home'),
  base,
  `${home}/`,
  `${home}/code/..`,
  `${home}/.ssh`,
  `${home}/.ssh/keys`,
  `${home}/.aws`,
  dataDir,
  `${dataDir}/`,
  `${dataDir}/snapshots`,
  `${dataDir}/snapshots/x`,
  `${base}/plain/../data`,
  link('to-root', '/'),
  link('to-etc', '/etc'),
  link('to-home', home),
  link('to-data', dataDir),
  link('to-link', join(base, 'to-etc')),
  link('circle', join(base, 'circle')),
  link('dangling', join(base, 'nowhere')),
  join(base, 'to-root/etc'),
  join(base, 'to-home/.ssh'),
  join(base, 'file'),
  join(base, 'file/x'),
  join(base, 'nowhere'),
  `${base}/plain `,
  ` ${base}/plain`,
  `${base}/plain\0/etc`,
  `${base}/plain\n`,
  `/${'x'.repeat(5000)}`,
  `${base}/${'x'.repeat(300)}`,
  '',
  '.',
  '..',
  '~',
  '~/code',
  'code/shop',
  './code',
  '\\\\server\\share',
  'C:\\Users\\me',
  'file:///etc',
  '$HOME',
  '%2Fetc',
]

test('there are enough of them', () => expect(HOSTILE.length).toBeGreaterThanOrEqual(60))

test.each(HOSTILE)('no run works in %j', async cwd => {
  const workspaces = createWorkspaces({ dataDir, spawner, home })
  await expect(workspaces.open(cwd)).rejects.toMatchObject({
    code: 'invalid',
    fields: [{ pointer: '/cwd', detail: expect.stringMatching(/[;.] ?|must/) }],
  })
})

const GOOD = [
  ...'plain home/me/code/shop home/me/code home/me/.config/nvim home/me/.dotfiles home/me/my%20project home/me/größe'.split(
    ' ',
  ),
  ...'home/me/data home/me/etc home/other/x/y data-2 data.bak etc proc usr/bin srv/app home/me/.sshd home/me/.aws-tools'.split(
    ' ',
  ),
  ...['home/me/two words', "home/me/it's", 'home/me/trailing '],
]

test.each(GOOD)('a run works in …/%s', async path => {
  const workspaces = createWorkspaces({ dataDir, spawner, home })
  expect((await workspaces.open(make(path))).root).toBe(join(base, path))
})

test.each([
  '/srv/app',
  '/opt/app',
  '/app',
  '/workspace',
  '/workspaces/x',
  '/mnt/c/code',
  '/home/else/x',
  '/var/www/site',
  '/Users/me/x',
])('%s may be a project', root => expect(cwdProblem(root, { dataDir, home })).toBeNull())

test('a link into a project is a good way to name it', async () => {
  const workspaces = createWorkspaces({ dataDir, spawner, home })
  expect((await workspaces.open(link('to-plain', join(base, 'plain')))).root).toBe(join(base, 'plain'))
})

test('the roots that were named are the only ones', () => {
  const allowed = { dataDir, home, roots: [join(home, 'code')] }
  const temp = realpathSync(tmpdir())
  expect(cwdProblem(join(temp, 'retrai-demo-x/shopping-cart'), allowed)).toBeNull()
  expect(cwdProblem(join(temp, 'retrai-demo-x'), allowed)).not.toBeNull()
  expect(cwdProblem(join(temp, 'retrai-demo-x/shopping-cart/deeper'), allowed)).not.toBeNull()
  expect(cwdProblem(join(home, 'retrai-demo-x/shopping-cart'), allowed)).not.toBeNull()
  expect(cwdProblem(join(home, 'code/shop'), allowed)).toBeNull()
  expect(cwdProblem(join(home, 'code'), allowed)).toBeNull()
  expect(cwdProblem(join(base, 'plain'), allowed)).toContain('RETRAI_ALLOWED_ROOTS')
  expect(cwdProblem(join(home, 'code-2'), allowed)).toContain('RETRAI_ALLOWED_ROOTS')
})

test('without a word about it, home is that of the user', () => {
  expect(cwdProblem(realpathSync(homedir()), { dataDir })).toContain('home')
})
