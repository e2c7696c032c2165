// What is kept for all commands: who may read it, to whom a token goes, and what goes before it.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readConfig } from '#lib/config'
import { serveEnvironment } from './commands/serve.ts'
import { runCommand } from './main.ts'
import { tokenFor } from './token.ts'
import { readUserConfig, userConfigFile } from './user-config.ts'

const TOKEN = 'a-token-of-nobody-in-particular'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'retrai-config-'))
  file = path.join(folder, 'below', 'config.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

async function command(argv: string[], { input = '', env = {} } = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end(input)
  const code = await runCommand(argv, {
    root: '/',
    version: '1.2.3',
    env: { NODE_ENV: 'test', RETRAI_CONFIG: file, ...env },
    cwd: '/',
    stdin,
    stdout,
    stderr,
    ensureBuild: () => Promise.reject(new Error('no command here needs a build')),
  })
  return { code, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') }
}

test('a setting is set, read and taken back, in a file that only its owner can read', async () => {
  expect(await command(['config', 'get', 'cost'])).toMatchObject({ code: 5, stdout: '' })
  expect((await command(['config', 'set', 'cost', '$2.50'])).code).toBe(0)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700)
  expect((await command(['config', 'get', 'cost'])).stdout).toBe('$2.50\n')
  expect(JSON.parse((await command(['config', '--json'])).stdout)).toEqual({ cost: '$2.50' })
  expect((await command(['config', 'path'])).stdout).toBe(`${file}\n`)
  expect((await command(['config', 'unset', 'cost'])).code).toBe(0)
  expect(readUserConfig(file)).toEqual({})
})

test('a token comes from stdin, is kept, and shown to nobody but whoever asks for it', async () => {
  expect((await command(['config', 'set', 'token', '-'], { input: `${TOKEN}\n` })).code).toBe(0)
  for (const argv of [['config'], ['config', 'get', 'token'], ['config', '--json']]) {
    const { stdout, stderr } = await command(argv)
    expect(stdout).toContain('…ular')
    expect(stdout + stderr).not.toContain(TOKEN)
  }
  expect((await command(['token'])).stdout).toBe(`${TOKEN}\n`)
  const made = (await command(['token', '--new', '--quiet'])).stdout.trim()
  expect(made).toMatch(/^[\w-]{32}$/)
  expect(readUserConfig(file).token).toBe(TOKEN)
  const saved = JSON.parse((await command(['token', '--new', '--save', '--json'])).stdout)
  expect(readUserConfig(file).token).toBe(saved.token)
})

test('a token that others can read is said with what to do, and a broken file with its name', async () => {
  await command(['config', 'set', 'token', TOKEN])
  chmodSync(file, 0o644)
  expect((await command(['config', 'path'])).stderr).toContain(`chmod 600 ${file}`)
  writeFileSync(file, '{"tokne": "x"}')
  const { code, stderr } = await command(['ls'])
  expect(code).toBe(2)
  expect(stderr).toContain(`${file} is not as`)
  expect(stderr).toContain('tokne')
})

test('an option goes before a variable, a variable before what is kept', async () => {
  await command(['config', 'set', 'server', '127.0.0.1:1'])
  const asked = async (argv: string[], env = {}) =>
    /(http:\S+) cannot be reached/.exec((await command(['ls', ...argv], { env })).stderr)?.[1]
  expect(await asked([])).toBe('http://127.0.0.1:1')
  expect(await asked([], { RETRAI_SERVER: 'http://127.0.0.1:2' })).toBe('http://127.0.0.1:2')
  expect(await asked(['--server', '127.0.0.1:3'], { RETRAI_SERVER: 'http://127.0.0.1:2' })).toBe(
    'http://127.0.0.1:3',
  )
})

test('a token that is kept goes to its own server, and to no other that a command names', () => {
  const kept = { server: 'https://runs.example:8000', token: TOKEN }
  const of = (config: Partial<typeof kept>, server: string) =>
    tokenFor({ flag: undefined, variable: undefined, config, server })
  expect(of(kept, 'https://runs.example:8000')).toBe(TOKEN)
  expect(of(kept, 'http://runs.example:8000')).toBeNull()
  expect(of(kept, 'http://127.0.0.1:8000')).toBeNull()
  expect(of({ token: TOKEN }, 'http://127.0.0.1:9000')).toBe(TOKEN)
  expect(of({ token: TOKEN }, 'http://localhost:8000')).toBe(TOKEN)
  expect(of({ token: TOKEN }, 'http://127.0.0.1.evil.example')).toBeNull()
  const situation = { flag: 'flag', variable: 'variable', config: kept, server: 'http://other.example' }
  expect(tokenFor(situation)).toBe('flag')
  expect(tokenFor({ ...situation, flag: undefined })).toBe('variable')
})

test('the file is where such files are, unless a variable says otherwise', () => {
  const at = (env: object) => userConfigFile({ NODE_ENV: 'test', HOME: '/home/ana', ...env })
  expect(at({})).toBe('/home/ana/.config/retrai/config.json')
  expect(at({ XDG_CONFIG_HOME: '/etc/ana' })).toBe('/etc/ana/retrai/config.json')
  expect(at({ RETRAI_CONFIG: '/tmp/x.json', XDG_CONFIG_HOME: '/etc/ana' })).toBe('/tmp/x.json')
  expect(existsSync('/tmp/x.json')).toBe(false)
})

test('roots and token of `serve` reach the settings of the server', () => {
  const production = { NODE_ENV: 'production' } as const
  const roots = serveEnvironment({ roots: ['below', '/usr'] }, folder)
  expect(roots.RETRAI_ALLOWED_ROOTS).toBe(`${path.join(folder, 'below')}:/usr`)
  const env = { RETRAI_TOKEN: TOKEN, ...production }
  expect(readConfig({ ...env, ...serveEnvironment({ token: 'none' }, folder) }).token).toBeNull()
  expect(readConfig({ ...env, ...serveEnvironment({}, folder) }).token).toBe(TOKEN)
  expect(() => readFileSync(file)).toThrow()
})
