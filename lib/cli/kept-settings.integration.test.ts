// What the command line keeps for a person, and parts of runs that reach over several iterations, against the real server.
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { runCli, startCli } from '#lib/testing/cli'
import { repairShellAtSecond, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault } from '#lib/testing/messages-script'
import { temporaryDirectory } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { runCommand } from './main.ts'

const GOAL = { goal: 'make it work', check_command: 'sh check.sh' }

let stage: Stage
let home: string
let env: Record<string, string>
beforeAll(async () => {
  stage = await openStage()
  home = await temporaryDirectory('retrai-kept-')
  env = { RETRAI_CONFIG: path.join(home, 'config.json') }
  await writeFile(path.join(home, 'config.json'), JSON.stringify({ server: stage.server.url }), {
    mode: 0o600,
  })
})
afterAll(async () => {
  await stage.close()
  await rm(home, { recursive: true, force: true })
})

/** In this process: a dozen processes would take longer than all that they are asked. */
async function retrai(...argv: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const [out, err] = [textOf(stdout), textOf(stderr)]
  const place = { root: '/', version: '1.2.3', cwd: '/', stdin, stdout, stderr, ensureBuild: async () => {} }
  const code = await runCommand(argv, { ...place, env: { NODE_ENV: 'test', ...env } })
  stdout.end()
  stderr.end()
  return { code, stdout: await out, stderr: await err }
}

it('new runs take what is kept, where neither an option nor the project says it', async () => {
  for (const [key, value] of [
    ['cost', '5'],
    ['time', '30m'],
    ['iterations', '9'],
  ] as const)
    await retrai('config', 'set', key, value)
  const cwd = await stage.project({
    ...SHELL_PROJECT,
    'app.txt': 'works\n',
    '.retrai.yml': 'max_cost_usd: 1\n',
  })
  const asked = ['run', 'make it work', '--cmd', 'sh check.sh', '-C', cwd, '-n', '3', '--trust-config']
  expect((await retrai(...asked)).code).toBe(0)
  const [{ run_id: runId } = { run_id: '' }] = await stage.client.list('?limit=1')
  expect(await stage.client.run(runId)).toMatchObject({
    max_cost_usd: 1,
    max_minutes: 30,
    max_iterations: 3,
  })
})

it('a diff reaches from one iteration to another, and a bundle holds all there is', async () => {
  const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const { run_id: runId } = await stage.client.finish({ ...GOAL, cwd })
  const names = async (...args: string[]) => (await retrai('diff', '-1', '--name-only', ...args)).stdout
  expect(await names()).toBe('app.txt\nnotes.txt\n')
  expect(await names('--from', '2')).toBe('app.txt\n')
  expect(await names('--from', '2', '--to', '2')).toBe('app.txt\n')
  expect(await names('--to', '1')).toBe('notes.txt\n')
  expect((await retrai('diff', '-1', '--to', '9')).code).toBe(5)
  expect((await retrai('diff', '-199')).code).toBe(5)

  const file = path.join(home, 'bundle.zip')
  expect((await retrai('export', runId, '-o', file)).code).toBe(0)
  const files = unzipSync(new Uint8Array(await readFile(file)))
  expect(Object.keys(files).sort()).toEqual(['changes.patch', 'events.ndjson', 'report.md', 'run.json'])
  const text = (name: string) => strFromU8(files[name] ?? new Uint8Array())
  const events = text('events.ndjson')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as RunEvent)
  expect(events).toEqual(await stage.client.events(runId))
  expect(JSON.parse(text('run.json'))).toMatchObject({ run: { run_id: runId, status: 'achieved' } })
  expect(text('changes.patch')).toBe((await retrai('diff', runId, '--patch')).stdout)
  expect(text('report.md')).toMatch(/^# make it work\n/)
})

it('wait for several runs ends with 8 as soon as one needs a person, while another goes on', async () => {
  const slow = await stage.project(SHELL_PROJECT, [fault.hang()])
  const gated = await stage.project(SHELL_PROJECT, repairShellAtSecond)
  const first = await stage.client.start({ ...GOAL, cwd: slow })
  const second = await stage.client.start({ ...GOAL, cwd: gated, hitl_enabled: true })
  const { code, stdout } = await retrai('wait', first.run_id, second.run_id, '--on-gate', 'exit', '--json')
  expect(code).toBe(8)
  expect(JSON.parse(stdout)).toMatchObject({ run_id: second.run_id, status: 'waiting' })
  await stage.client.ok('POST', `/api/runs/${second.run_id}/resume`, { body: { decision: 'approve' } })
  await stage.client.until(second.run_id, 'achieved')
  const both = startCli(['wait', second.run_id, first.run_id, '--json'], { env })
  await waitFor('the first that ends is printed', () => both.output.stdout.includes('achieved'))
  await stage.client.ok('POST', `/api/runs/${first.run_id}/abort`)
  expect((await both.ended).code).toBe(7)
})

it('serve --token auto makes a token and keeps it: commands get in, others do not', async () => {
  const own = {
    RETRAI_CONFIG: path.join(home, 'own', 'config.json'),
    RETRAI_DATA_DIR: path.join(home, 'data'),
  }
  const serve = startCli(['serve', '--port', '0', '--token', 'auto', '--roots', home], { env: own })
  const url = await waitFor('it listens', () => /listening on (\S+)/.exec(serve.output.stdout)?.[1])
  expect(serve.output.stderr).toContain(`A token was made and is kept in ${own.RETRAI_CONFIG}`)
  expect((await stat(own.RETRAI_CONFIG)).mode & 0o777).toBe(0o600)
  expect((await fetch(`${url}/api/runs`)).status).toBe(401)
  const asked = { env: { ...own, RETRAI_SERVER: url } }
  expect((await runCli(['ls'], asked)).code).toBe(0)
  expect((await runCli(['ls'], { env: { RETRAI_SERVER: url } })).code).toBe(4)
  const cwd = await stage.project(SHELL_PROJECT)
  const refused = await runCli(['run', 'x', '--cmd', 'true', '-C', cwd], asked)
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(home) })
  serve.child.kill('SIGTERM')
  expect((await serve.ended).code).toBe(0)
})
