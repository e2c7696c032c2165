// What is left of a run in the terminal: the check once more, the run as a file, the project's settings.
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseJunit } from '#lib/goals/junit'
import { runCli } from '#lib/testing/cli'
import { NODE_PROJECT, patch } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

const retrai = (...args: string[]) => runCli(args, { env: { RETRAI_SERVER: stage.server.url } })

async function repaired(...options: string[]) {
  const cwd = await stage.project(NODE_PROJECT, [
    turn([patch('src/add.mjs', 'a - b', 'a + b')]),
    turn([text('add adds.')]),
  ])
  const { code, stdout, stderr } = await retrai('run', 'npm-test', '-C', cwd, ...options)
  return { cwd, code, stdout, stderr }
}

it('verify agrees with exit code 0, and does not with 3 once a file is changed', async () => {
  const { cwd, code, stderr } = await repaired()
  expect(code).toBe(0)
  expect(stderr).toContain('failing 1 → 0 (fixed test/add.test.mjs > adds two numbers)')
  const good = await retrai('verify', 'last')
  expect(good).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^agrees {2}The same check on the same files/),
  })
  await writeFile(path.join(cwd, 'src/add.mjs'), 'export const add = () => 0\n')
  const bad = await retrai('verify', 'last')
  expect(bad.code).toBe(3)
  expect(bad.stdout).toContain('src/add.mjs differs')
  expect((await retrai('verify', 'last', '--checkout')).code).toBe(0)
  const json = await retrai('verify', 'last', '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ agrees: false, files: { changed: ['src/add.mjs'] } })
})

it('export writes what other tools read', async () => {
  const { cwd } = await repaired()
  const junit = await retrai('export', 'last', '--format', 'junit')
  expect(await parseJunit(junit.stdout)).toMatchObject({ passed: 2, failed: 0 })
  const file = path.join(cwd, 'report.md')
  expect((await retrai('export', 'last', '-o', file)).code).toBe(0)
  expect(await readFile(file, 'utf8')).toMatch(/^# npm-test\n\n\*\*achieved\*\*/)
  expect((await retrai('export', 'last', '--format', 'patch')).stdout).toContain(
    '+export const add = (a, b) => a + b',
  )
  expect(JSON.parse((await retrai('export', 'last')).stdout)).toMatchObject({ run: { goal: 'npm-test' } })
  expect((await retrai('export', 'last', '--format', 'pdf')).code).toBe(2)
})

it('init writes the settings that a run then takes, and does not overwrite them', async () => {
  const cwd = await stage.project(NODE_PROJECT)
  const first = await retrai('init', '-C', cwd)
  expect(first).toMatchObject({ code: 0, stdout: `${path.join(cwd, '.retrai.yml')}\n` })
  expect(await readFile(path.join(cwd, '.retrai.yml'), 'utf8')).toContain('\ngoal: npm-test\n')
  expect((await retrai('init', '-C', cwd)).code).toBe(6)
  expect((await retrai('init', '-C', cwd, 'It is quick', '--cmd', 'true', '--force')).code).toBe(0)
  const { code, stderr } = await retrai('run', '-C', cwd)
  expect(code).toBe(0)
  expect(stderr).toContain('It is quick')
})

it('several goals, and settings of a goal, come from options', async () => {
  const { code, stdout } = await repaired('--and', 'no-such-goal')
  expect(code).toBe(2)
  expect(stdout).toBe('')
  const cwd = await stage.project({
    'a.txt': 'yes\n',
    '.retrai.yml':
      'goals:\n  - goal: a is there\n    check_command: test -f a.txt\n  - goal: b is there\n    check_command: test -f b.txt\n',
  })
  const unknown = await retrai('run', '-C', cwd, '-n', '1')
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('--trust-config') })
  const both = await retrai('run', '-C', cwd, '-n', '1', '--trust-config')
  expect(both.code).toBe(3)
  expect(both.stderr).toContain('✗ shell-goal 2')
  const odd = await retrai('run', 'pytest', '--option', 'runs=5', '-C', cwd)
  expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining('has no options') })
})
