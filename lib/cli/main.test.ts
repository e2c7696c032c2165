// The command line in this process, without a server: what it refuses before it asks one.
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { LIMITS } from '#lib/limits'
import { runCommand } from './main.ts'

const NO_SERVER = 'http://127.0.0.1:1'

async function command(...argv: string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  const code = await runCommand(argv, {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    version: '1.2.3',
    env: { NODE_ENV: 'test', RETRAI_SERVER: NO_SERVER, RETRAI_CONFIG: '/nowhere/retrai.json' },
    cwd: '/',
    stdin,
    stdout,
    stderr,
    ensureBuild: () => Promise.reject(new Error('no command here needs a build')),
  })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

test('the version stands alone on stdout', async () => {
  expect(await command('version')).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' })
  expect(await command('-V')).toMatchObject({ code: 0, stdout: '1.2.3\n' })
  const { stdout } = await command('version', '--json')
  expect(JSON.parse(stdout)).toEqual({ version: '1.2.3', node: process.versions.node })
})

test('help begins with examples and names every exit code', async () => {
  const { code, stdout } = await command('--help')
  expect(code).toBe(0)
  expect(stdout.startsWith('Examples:\n')).toBe(true)
  for (const number of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 124, 130]) {
    expect(stdout).toMatch(new RegExp(`\\b${number} [a-zA-Z]`))
  }
})

const COMMANDS = [
  'serve run rerun demo ls watch show compare logs diff approve deny abort wait check verify export init backup doctor open',
  'goals models config token completion version',
].flatMap(line => line.split(' '))

test('the help lists every command', async () => {
  const { stdout } = await command('--help')
  for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
})

test.each(COMMANDS)(
  'help for %s is a manual: examples, usage, options, exit codes and variables',
  async name => {
    const { code, stdout, stderr } = await command(name, '--help')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const sections = ['Examples:', `Usage: retrai ${name}`, 'Options:', 'Global Options:', 'About:']
    let at = -1
    for (const section of [...sections, 'Exit codes:', 'Environment:']) {
      const next = stdout.indexOf(section, at + 1)
      expect(next, section).toBeGreaterThan(at)
      at = next
    }
    expect(stdout).toContain('--server <url>')
    expect(stdout).toMatch(/^ {4}0 {2}\S/m)
    expect(stdout).toMatch(/^ {4}2 {2}\S/m)
    expect(stdout).toMatch(/^ {2}NO_COLOR {2,}\S/m)
    // What it sees also is there.
    for (const [, other] of (stdout.split('See also: ')[1] ?? '').matchAll(/retrai (\w+)/g))
      expect(COMMANDS).toContain(other)
    expect(await command('help', name)).toMatchObject({ code: 0, stdout })
  },
)

test('help of serve names the limits of the queue, as flags and as variables', async () => {
  const stdout = (await command('serve', '--help')).stdout.replace(/\s+/g, ' ')
  for (const name of ['--max-parallel <n>', '--max-queued <n>', 'RETRAI_MAX_PARALLEL', 'RETRAI_MAX_QUEUED'])
    expect(stdout).toContain(name)
  expect(stdout).toContain('RETRAI_DRAIN_SECONDS')
  expect(stdout).toContain(`RETRAI_MAX_PARALLEL or ${LIMITS.maxParallel}`)
  expect(stdout).toContain(`RETRAI_MAX_QUEUED or ${LIMITS.maxWaiting}`)
  expect(stdout).toContain(`default: ${LIMITS.drainMs / 1000})`)
})

test('an unknown command names the nearest one', async () => {
  const { code, stdout, stderr } = await command('aprove', 'last')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain("unknown command 'aprove'\n(Did you mean approve?)")
})

test('an unknown option names the nearest one', async () => {
  const { code, stderr } = await command('run', '--instruction', 'x')
  expect(code).toBe(2)
  expect(stderr).toContain('(Did you mean --instructions?)')
})

test.each([
  [['run', '--time', '30'], 'number with its unit'],
  [['run', '--iterations', 'many'], 'whole number'],
  [['run', '--on-gate', 'sleep'], 'Allowed choices are prompt, wait, exit, approve, abort'],
  [['serve', '--port', '70000'], '65535'],
  [['show'], "missing required argument 'run'"],
  [['ls', '--limit', '500'], '1 to 200'],
  [['ls', '--needs-you', '--status', 'failed'], 'give one of the two'],
  [['diff', 'last', '--stat', '--patch'], 'Give one of --stat'],
  [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
  [['compare', 'last'], "missing required argument 'b'"],
  [['export', 'last', '--format', 'rar'], 'Allowed choices are junit, json, md, patch, ndjson, zip'],
  [['diff', 'last', '--iter', '2', '--from', '1'], 'leave out --from and --to'],
  [['run', '--follow', '--detach'], "cannot be used with option '--detach'"],
  [['config', 'sett', 'server'], 'give list, get, set, unset, path'],
  [['config', 'set', 'sever', 'x'], 'There is no “sever”: give one of server, token, model'],
  [['config', 'set', 'token', 'short'], '16 characters or more'],
  [['config', 'set', 'time', '30'], 'time: Give a number with its unit'],
  [['token', '--save'], 'make one with `retrai token --new --save`'],
  [['logs', 'last', '--kind', 'tool_calls'], 'there is no “tool_calls”'],
])('%j is refused before anything is asked or started', async (argv, sentence) => {
  const { code, stdout, stderr } = await command(...argv)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(sentence)
})

test('with --json, errors are one JSON object on stderr', async () => {
  const wrong = await command('run', '--json', '--time', '30')
  expect(JSON.parse(wrong.stderr)).toMatchObject({ code: 'usage', detail: expect.stringContaining('30m') })
  const gone = await command('ls', '--json')
  expect(gone).toMatchObject({ code: 9, stdout: '' })
  expect(JSON.parse(gone.stderr)).toMatchObject({ code: 'unreachable' })
})

test('a server that is named and does not answer is said with what to do, and none is started for it', async () => {
  for (const argv of [['ls'], ['run', 'pytest'], ['show', 'last'], ['approve', '550e8400'], ['check']]) {
    const { code, stderr } = await command(...argv)
    expect(code).toBe(9)
    expect(stderr).toMatch(/^retrai: http:\/\/127\.0\.0\.1:1 cannot be reached .*`retrai serve`.*--server/)
  }
})
