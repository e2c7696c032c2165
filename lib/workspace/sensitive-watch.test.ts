import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '#lib/testing/temp-folder'
import { SENSITIVE_PATHS } from './sensitive-paths.ts'
import { watchSensitive } from './sensitive-watch.ts'

async function watched() {
  const root = tempFolder('project')
  const file = path.join(tempFolder('data'), 'sensitive/run.json')
  const watch = await watchSensitive(root, file)
  const put = (name: string, text = 'x') => {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  const seen = async () => (await watch.look()).map(({ path: name, change }) => `${change} ${name}`)
  return { root, file, watch, put, seen }
}

describe('what is sensitive', () => {
  it('each path of the list is seen when it is made, changed and taken away', async () => {
    expect(SENSITIVE_PATHS.length).toBeGreaterThan(60)
    const { root, put, seen } = await watched()
    for (const { path: name, isFolder } of SENSITIVE_PATHS) {
      if (name === '.git') continue
      const file = isFolder ? `${name}/thing` : name
      put(file, 'one')
      // The folder of git is one itself.
      expect((await seen()).filter(line => line !== 'created .git')).toEqual([`created ${file}`])
      put(file, 'two!')
      expect(await seen()).toEqual([`changed ${file}`])
      rmSync(path.join(root, file))
      const gone = await seen()
      expect(gone).toContain(`deleted ${file}`)
      rmSync(path.join(root, name.split('/')[0]!), { recursive: true, force: true })
      await seen()
    }
  })

  it('a repository that is begun, with its hooks but not their samples', async () => {
    const { root, put, seen } = await watched()
    execFileSync('git', ['init', '-q', root])
    expect(await seen()).toEqual(['created .git', 'created .git/config'])
    put('.git/hooks/pre-push')
    chmodSync(path.join(root, '.git/hooks/pre-push'), 0o755)
    expect(await seen()).toEqual(['created .git/hooks/pre-push'])
  })

  it('an empty folder, a link in the place of one, and a file that becomes a program', async () => {
    const { root, put, seen } = await watched()
    mkdirSync(path.join(root, '.husky'))
    expect(await seen()).toEqual(['created .husky'])
    symlinkSync(tempFolder('elsewhere'), path.join(root, '.vscode'))
    expect(await seen()).toEqual(['created .vscode'])
    put('.husky/pre-commit')
    expect(await seen()).toContain('created .husky/pre-commit')
    chmodSync(path.join(root, '.husky/pre-commit'), 0o755)
    expect(await seen()).toEqual(['changed .husky/pre-commit'])
  })
})

describe('what is none', () => {
  it('other files, and a file that was only touched', async () => {
    const { root, put, seen } = await watched()
    put('src/index.ts')
    put('.github/CODEOWNERS')
    put('docs/.envrc')
    expect(await seen()).toEqual([])
    put('.npmrc', 'save-exact=true')
    expect(await seen()).toEqual(['created .npmrc'])
    utimesSync(path.join(root, '.npmrc'), new Date(), new Date(1))
    put('.npmrc', 'save-exact=true')
    expect(await seen()).toEqual([])
  })

  it('what was there before', async () => {
    const root = tempFolder('project')
    writeFileSync(path.join(root, '.envrc'), 'x')
    const watch = await watchSensitive(root, path.join(tempFolder('data'), 'x.json'))
    expect(await watch.look()).toEqual([])
  })
})

it('what was not told before the process died is told by the next one', async () => {
  const { root, file, watch, put } = await watched()
  put('.envrc')
  expect(await watch.look()).toHaveLength(1)
  const next = await watchSensitive(root, file)
  expect(await next.look()).toMatchObject([{ path: '.envrc', change: 'created' }])
  await next.settle()
  expect(await (await watchSensitive(root, file)).look()).toEqual([])
})

it('a named pipe does not hold it up, and a thousand files are looked at no further', async () => {
  const { root, put, watch } = await watched()
  execFileSync('mkfifo', [path.join(root, '.npmrc')])
  for (let i = 0; i < 300; i++) put(`.idea/${i}.xml`)
  for (let i = 0; i < 300; i++) put(`.idea/${i}/a.xml`)
  const changes = await watch.look()
  expect(changes.map(change => change.path)).toContain('.npmrc')
  expect(changes.map(change => change.path)).toContain('.idea')
  expect(changes.length).toBeLessThan(1200)
})

it('looking at a project with nothing new costs a few milliseconds', async () => {
  const { root, put, watch } = await watched()
  for (let i = 0; i < 300; i++) put(`src/${i}.ts`)
  for (const name of ['.github/workflows/ci.yml', '.vscode/settings.json', '.npmrc']) put(name)
  execFileSync('git', ['init', '-q', root])
  await watch.look()
  const times: number[] = []
  for (let i = 0; i < 30; i++) {
    const began = performance.now()
    await watch.look()
    times.push(performance.now() - began)
  }
  expect(times.sort((a, b) => a - b)[15]).toBeLessThan(20)
  expect(readFileSync(path.join(root, '.npmrc'), 'utf8')).toBe('x')
})
