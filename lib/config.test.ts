import { chmodSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { ConfigError, isLoopback, readConfig } from './config.ts'
import { LIMITS } from './limits.ts'
import { tempFolder } from './testing/temp-folder.ts'

/** The environment of a server with nothing set, in a home of its own. */
const read = (env: Record<string, string> = {}) =>
  // Next's types want NODE_ENV in every environment.
  readConfig({ XDG_DATA_HOME: tempFolder('home'), ...env } as unknown as NodeJS.ProcessEnv)

describe('without any setting', () => {
  it('the server listens on loopback, on port 8000, without a token', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      port: 8000,
      token: null,
      isProduction: false,
      allowedHosts: [],
      maxParallel: LIMITS.maxParallel,
      defaultCwd: process.cwd(),
      anthropic: { apiKey: null, baseUrl: null },
      modelPatienceMs: null,
      modelBackoffMs: null,
      modelIdleMs: null,
      scriptsDir: null,
      dataDirNote: null,
    })
  })

  it('blank settings are none', () => {
    const blank = {
      PORT: '',
      HOST: ' ',
      RETRAI_TOKEN: '',
      ANTHROPIC_API_KEY: '',
      ANTHROPIC_BASE_URL: '',
      RETRAI_CWD: '',
    }
    expect(read(blank)).toMatchObject({
      port: 8000,
      host: '127.0.0.1',
      token: null,
      anthropic: { apiKey: null },
    })
  })
})

describe('a setting', () => {
  it('is taken as it is meant', () => {
    const config = read({
      NODE_ENV: 'production',
      PORT: '0',
      HOST: '0.0.0.0',
      RETRAI_TOKEN: 'a-token-of-many-letters',
      RETRAI_CWD: 'some/where',
      RETRAI_ALLOWED_HOSTS: ' Box:8000, retrai.lan ,,',
      RETRAI_MAX_PARALLEL: '2',
      RETRAI_MODEL_PATIENCE_SECONDS: '1.5',
      RETRAI_MODEL_BACKOFF_MS: '50',
      RETRAI_MODEL_IDLE_SECONDS: '0.5',
      RETRAI_SCRIPTS_DIR: '/scripts',
      RETRAI_ALLOW_NETWORK_FS: '1',
      ANTHROPIC_AUTH_TOKEN: 'sk-other',
      ANTHROPIC_BASE_URL: 'http://localhost:4000',
      OPENROUTER_API_KEY: 'sk-or',
      lower_api_key: 'x',
    })
    expect(config).toMatchObject({
      isProduction: true,
      port: 0,
      host: '0.0.0.0',
      token: 'a-token-of-many-letters',
      defaultCwd: path.resolve('some/where'),
      allowedHosts: ['box:8000', 'retrai.lan'],
      maxParallel: 2,
      modelPatienceMs: 1500,
      modelBackoffMs: 50,
      modelIdleMs: 500,
      scriptsDir: '/scripts',
      allowNetworkFs: true,
      anthropic: { apiKey: 'sk-other', baseUrl: 'http://localhost:4000' },
      providerKeys: { OPENROUTER_API_KEY: 'sk-or' },
    })
  })

  it.each([
    ['PORT', '70000', /^PORT: must be 0 to 65535/],
    ['PORT', 'http', /^PORT: must be a number/],
    ['RETRAI_TOKEN', 'short', /^RETRAI_TOKEN: must have at least 16 characters/],
    ['RETRAI_MAX_PARALLEL', '0', /^RETRAI_MAX_PARALLEL: /],
    ['ANTHROPIC_BASE_URL', 'not a url', /^ANTHROPIC_BASE_URL: must be a URL/],
    ['DATABASE_URL', 'postgres://localhost/x', /^DATABASE_URL: only SQLite/],
    ['HOST', '0.0.0.0', /^HOST: 0\.0\.0\.0 can be reached by other machines\. Set RETRAI_TOKEN/],
    ['HOST', '192.168.1.5', /RETRAI_TOKEN/],
    ['HOST', '::', /RETRAI_TOKEN/],
  ])('%s=%s is refused with a sentence', (name, value, sentence) => {
    expect(() => read({ [name]: value })).toThrow(ConfigError)
    expect(() => read({ [name]: value })).toThrow(sentence)
  })

  it('only loopback needs no token', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) {
      expect(isLoopback(host)).toBe(true)
      expect(read({ HOST: host }).host).toBe(host)
    }
    for (const host of [
      '0.0.0.0',
      '128.0.0.1',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'x127.0.0.1',
      '::2',
    ])
      expect(isLoopback(host)).toBe(false)
  })
})

describe('the data directory', () => {
  it('is made where it was asked for, for this user alone', () => {
    const dataDir = path.join(tempFolder('data'), 'deep', 'er')
    expect(read({ RETRAI_DATA_DIR: dataDir })).toMatchObject({ dataDir, dataDirNote: null })
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  })

  it('is below the home directory otherwise', () => {
    const home = tempFolder('home')
    expect(read({ XDG_DATA_HOME: home }).dataDir).toBe(path.join(home, 'retrai'))
  })

  it('that was asked for and cannot be used is refused', () => {
    const file = path.join(tempFolder('data'), 'file')
    writeFileSync(file, '')
    expect(() => read({ RETRAI_DATA_DIR: path.join(file, 'below') })).toThrow(
      /^RETRAI_DATA_DIR: .* cannot be used: /,
    )
  })

  it('below a folder that takes none is refused, not tried for ever', () => {
    const inside = process.platform === 'linux' ? '/proc/none/retrai' : '/dev/null/retrai'
    expect(() => read({ RETRAI_DATA_DIR: inside })).toThrow(/cannot be used/)
  })

  it('is a temporary one, with a note, where home cannot be written', () => {
    const file = path.join(tempFolder('home'), 'file')
    writeFileSync(file, '')
    chmodSync(file, 0o400)
    const temporary = tempFolder('tmp')
    vi.stubEnv('TMPDIR', temporary)
    onTestFinished(() => void vi.unstubAllEnvs())
    const config = read({ XDG_DATA_HOME: file })
    expect(path.dirname(config.dataDir)).toBe(temporary)
    expect(config.dataDirNote).toContain('cannot be written')
  })
})

describe('the sandbox', () => {
  it('is used where it works, unless something else is asked for', () => {
    expect(read()).toMatchObject({ sandbox: 'auto', sandboxReads: [] })
    expect(read({ RETRAI_SANDBOX: 'require' }).sandbox).toBe('require')
    expect(() => read({ RETRAI_SANDBOX: 'on' })).toThrow('RETRAI_SANDBOX: must be auto, require or off')
  })

  it('bounds what runs may have of the network', () => {
    expect(read({}).network).toBeNull()
    expect(read({ RETRAI_NETWORK: 'off' }).network).toBe('off')
    expect(read({ RETRAI_NETWORK: 'a.example, *.b.example' }).network).toEqual(['a.example', '*.b.example'])
    expect(() => read({ RETRAI_NETWORK: 'yes' })).toThrow('RETRAI_NETWORK: "yes" is not a host')
  })

  it('shows further places by their absolute paths', () => {
    expect(read({ RETRAI_SANDBOX_READ: '/data/sets:/srv/models' }).sandboxReads).toEqual([
      '/data/sets',
      '/srv/models',
    ])
    expect(() => read({ RETRAI_SANDBOX_READ: 'data' })).toThrow('data is not an absolute path')
  })
})

describe('traces', () => {
  it('are sent nowhere unless a collector is named', () => {
    expect(read().tracing).toBeNull()
  })

  it.each([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, 'http://c:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/base/' }, 'http://c:4318/base/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c/here' }, 'http://c/here'],
  ])('%j: %s', (env, url) => {
    expect(read(env).tracing).toEqual({ url, serviceName: 'retrai' })
    expect(read({ ...env, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull()
    expect(read({ ...env, OTEL_SERVICE_NAME: 'mine' }).tracing?.serviceName).toBe('mine')
  })

  it('go with a key that is a secret of ours', () => {
    const headers = 'authorization=Bearer%20abcd1234efgh5678,x-scope=team'
    const { secrets } = read({ OTEL_EXPORTER_OTLP_HEADERS: headers })
    expect(secrets).toContain('abcd1234efgh5678')
    expect(secrets).not.toContain('team')
  })

  it('at no address that is none', () => {
    expect(() => read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' })).toThrow(ConfigError)
  })
})

describe('what the server says of commands', () => {
  it('is nothing, JSON, or a file with JSON or YAML', () => {
    expect(read().commandPolicy).toEqual({})
    const asJson = read({ RETRAI_COMMAND_POLICY: '{"ask": ["docker push"], "on_ask": "deny"}' })
    expect(asJson.commandPolicy).toEqual({ ask: ['docker push'], on_ask: 'deny' })
    const file = path.join(tempFolder('policy'), 'policy.yml')
    writeFileSync(file, 'deny:\n  - terraform *\n')
    expect(read({ RETRAI_COMMAND_POLICY: file }).commandPolicy).toEqual({ deny: ['terraform *'] })
  })

  it('is refused when it cannot be meant so, because a rule that is not read protects nobody', () => {
    expect(() => read({ RETRAI_COMMAND_POLICY: '{"denny": ["x"]}' })).toThrow('RETRAI_COMMAND_POLICY')
    expect(() => read({ RETRAI_COMMAND_POLICY: '/nowhere/policy.yml' })).toThrow('ENOENT')
  })
})

it('a webhook has an address and a secret, and what may let somebody in there is a secret too', () => {
  const url = 'https://hooks.example/services/T0/B0/abcdefghijkl'
  const env = { RETRAI_WEBHOOK_URL: url }
  expect(read(env)).toMatchObject({ webhook: { url, secret: null }, publicUrl: null })
  const secret = 'a-secret-of-this-webhook'
  const signed = read({ ...env, RETRAI_WEBHOOK_SECRET: secret, RETRAI_PUBLIC_URL: 'https://me.example/' })
  expect(signed).toMatchObject({ webhook: { url, secret }, publicUrl: 'https://me.example' })
  expect(signed.secrets).toEqual(expect.arrayContaining([secret, '/services/T0/B0/abcdefghijkl']))
  expect(() => read({ ...env, RETRAI_WEBHOOK_SECRET: 'short' })).toThrow('at least 16 characters')
  expect(() => read({ RETRAI_WEBHOOK_URL: 'https://me:word@hooks.example/' })).toThrow(
    'user name or password',
  )
  for (const wrong of ['hooks.example', 'file:///etc/passwd', 'javascript:alert(1)'])
    expect(() => read({ ...env, RETRAI_WEBHOOK_URL: wrong })).toThrow('must be an http(s) address')
})
