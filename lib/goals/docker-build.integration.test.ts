import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSpawner } from '../workspace/spawner.ts'
import { createWorkspaces, type Workspaces } from '../workspace/workspaces.ts'
import type { CheckResult } from './goal.ts'
import { resolveGoal } from './resolve-goal.ts'

let home: string
const open: Workspaces[] = []
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'retrai-docker-'))
})
afterAll(async () => {
  for (const one of open) await one.close()
  rmSync(home, { recursive: true, force: true })
})

/** A project whose PATH has only this docker: the text of a script, or none. */
async function check(
  docker: string | null,
  files: Record<string, string> = { Dockerfile: 'FROM scratch\n' },
  given: { settings?: Record<string, unknown>; pinned?: string } = {},
): Promise<CheckResult> {
  const folder = mkdtempSync(path.join(home, 'project-'))
  const bin = path.join(folder, 'bin')
  const root = path.join(folder, 'root')
  mkdirSync(bin)
  mkdirSync(root)
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text)
  for (const program of ['sh', 'bash', 'cat', 'mkdir', 'rm'])
    symlinkSync(`/bin/${program}`, path.join(bin, program))
  if (docker !== null) {
    writeFileSync(path.join(bin, 'docker'), `#!/bin/sh\n${docker}\n`)
    chmodSync(path.join(bin, 'docker'), 0o755)
  }
  const workspaces = createWorkspaces({
    dataDir: path.join(folder, 'data'),
    spawner: createSpawner(),
    env: { PATH: bin, HOME: folder },
  })
  open.push(workspaces)
  const { goal, options } = resolveGoal('docker-build', { settings: given.settings ?? {} })
  return goal.check({
    workspace: await workspaces.open(root),
    options,
    signal: new AbortController().signal,
    pinned: given.pinned ?? null,
  })
}

const UNREACHABLE = `echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1`

test('an image that builds is achieved', async () => {
  const result = await check('echo "$@"')
  expect(result).toMatchObject({
    achieved: true,
    broken: false,
    command: 'docker build .',
    output: 'build .\n',
    reason: 'Exit code 0',
  })
})

test('file, context, stage and name are passed on', async () => {
  const settings = { file: 'prod file', context: 'app', target: 'web', tag: 'shop/web:1.0' }
  const result = await check('printf "%s;" "$@"', { 'prod file': '' }, { settings })
  expect(result.output).toBe('build;-f;prod file;--target;web;-t;shop/web:1.0;app;')
})

test('the last error of a failed build is the reason', async () => {
  // As BuildKit prints it.
  const docker = `cat <<'END'
#5 [2/3] RUN npm ci
#5 0.312 npm error code EUSAGE
#5 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
END
exit 1`
  const result = await check(docker)
  expect(result).toMatchObject({ achieved: false, broken: false, exitCode: 1 })
  expect(result.reason).toMatch(
    /^Exit code 1: .*npm error code EUSAGE \| .* \| ERROR: failed to build: .*exit code: 1$/,
  )
})

test('without docker, or without its engine, the check is broken, and says what to do', async () => {
  expect(await check(null)).toMatchObject({
    broken: true,
    reason: expect.stringContaining('docker was not found on the server'),
  })
  expect(await check(UNREACHABLE)).toMatchObject({
    achieved: false,
    broken: true,
    reason: expect.stringMatching(/^Docker’s engine cannot be reached: Cannot connect .*; start it/),
  })
  // Also where there is nothing to build yet.
  expect(await check(null, {})).toMatchObject({ broken: true })
  expect(await check(UNREACHABLE, {})).toMatchObject({ broken: true })
})

test('a build that cannot reach an engine from inside is a failed build', async () => {
  const result = await check(`[ "$1" = version ] && exit 0\n${UNREACHABLE}`)
  expect(result).toMatchObject({ achieved: false, broken: false, exitCode: 1 })
})

test('a Dockerfile that is still to be written is a goal to reach', async () => {
  expect(await check('exit 0', {})).toMatchObject({
    achieved: false,
    broken: false,
    reason: 'There is no Dockerfile yet',
  })
})

test.each<[Record<string, unknown>, string]>([
  [{ file: '../Dockerfile' }, 'file'],
  [{ context: '-' }, 'context'],
  [{ tag: '--push' }, 'tag'],
  [{ target: 'a b' }, 'target'],
  [{ push: true }, 'push'],
])('%j is refused, naming %s', (settings, field) => {
  expect(() => resolveGoal('docker-build', { settings })).toThrow(
    expect.objectContaining({
      code: 'invalid',
      fields: [expect.objectContaining({ pointer: `/goal_options/${field}` })],
    }),
  )
})
