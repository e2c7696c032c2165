import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { isAppError } from '../errors.ts'
import { readProjectConfig } from './project-config.ts'

const made: string[] = []
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'retrai-config-'))
  made.push(root)
})
afterAll(() => Promise.all(made.map(path => rm(path, { recursive: true, force: true }))))

const write = (text: string) => writeFile(join(root, '.retrai.yml'), text)
async function messageFor(text: string): Promise<string> {
  await write(text)
  const error = await readProjectConfig(root).catch((thrown: unknown) => thrown)
  if (!isAppError(error)) throw new Error('It was accepted')
  expect(error).toMatchObject({ code: 'invalid' })
  return error.message
}

test('a project without settings has none, and an empty file is empty settings', async () => {
  expect(await readProjectConfig(root)).toBeNull()
  await write('# nothing yet\n')
  expect(await readProjectConfig(root)).toEqual({})
})

test('all settings are read', async () => {
  await write(`
goal: Make it fast
check_command: sh check.sh
check_timeout_seconds: 30
success_condition: { exit_code: any, output_contains: ok }
protect: [check.sh, "bench/**"]
max_iterations: 5
max_cost_usd: 2.5
max_minutes: 20
model_name: ollama/qwen3-coder
hitl_enabled: true
instructions: |
  Be brief.
`)
  expect(await readProjectConfig(root)).toEqual({
    goal: 'Make it fast',
    check_command: 'sh check.sh',
    check_timeout_seconds: 30,
    success_condition: { exit_code: 'any', output_contains: 'ok' },
    protect: ['check.sh', 'bench/**'],
    max_iterations: 5,
    max_cost_usd: 2.5,
    max_minutes: 20,
    model_name: 'ollama/qwen3-coder',
    hitl_enabled: true,
    instructions: 'Be brief.\n',
  })
})

test('mistakes are shown with their line', async () => {
  expect(await messageFor('goal: pytest\nmax_iteration: 3\n')).toBe(
    '.retrai.yml, line 2: "max_iteration" is not a setting; did you mean max_iterations?',
  )
  expect(await messageFor('goal: pytest\n\nmax_iterations: 0\n')).toMatch(
    /^\.retrai\.yml, line 3: max_iterations: /,
  )
  expect(await messageFor('success_condition:\n  exitcode: 1\n')).toMatch(
    /line 2: "exitcode" .* did you mean exit_code\?/,
  )
  expect(await messageFor('goal: pytest\nprotect: never\n')).toBe(
    '.retrai.yml, line 2: protect: it must be off, report, enforce or a list of patterns',
  )
  expect(await messageFor('success_condition: { exit_code: some }\n')).toContain(
    'a number from 0 to 255, or any',
  )
  expect(await messageFor('goal: "pytest\n')).toMatch(/^\.retrai\.yml, line \d: /)
  expect(await messageFor('goal: a\ngoal: b\n')).toMatch(/line 2: /)
  expect(await messageFor('- pytest\n')).toContain('a sequence')
  expect(await messageFor('pytest\n')).toContain('a string')
  expect(await messageFor('__proto__: { polluted: 1 }\n')).toContain('is not a setting')
  expect(await messageFor('goal: a\n---\ngoal: b\n')).toMatch(/^\.retrai\.yml/)
})

test('a bomb of aliases is refused', async () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x]\n${[...'bcdefghi']
    .map((name, i) => `${name}: &${name} [${Array(8).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
    .join('\n')}\n`
  expect(await messageFor(bomb)).toContain('aliases')
})

test('only a regular file of reasonable size is read', async () => {
  expect(await messageFor(`instructions: ${'x'.repeat(200_000)}\n`)).toContain('larger than 128 KiB')
  await rm(join(root, '.retrai.yml'))
  await symlink('/etc/hostname', join(root, '.retrai.yml'))
  await expect(readProjectConfig(root)).rejects.toThrow('not a link')
  await rm(join(root, '.retrai.yml'))
  execFileSync('mkfifo', [join(root, '.retrai.yml')])
  await expect(readProjectConfig(root)).rejects.toThrow('regular file')
})
