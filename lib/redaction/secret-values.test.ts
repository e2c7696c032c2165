import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isEnvFile, readEnvFiles } from './env-files.ts'
import { secretsOfEnvFile, secretsOfEnvironment } from './secret-values.ts'

test('a variable is secret by its name, unless its value is a word, a path or a placeholder', () => {
  const env = {
    OPENAI_API_KEY: 'value-of-key',
    github_token: 'value-of-token',
    DB_PASSWD: 'Xk3-9v',
    AWS_CREDENTIALS: 'value-of-cred',
    TOKENIZERS_PARALLELISM: 'false',
    KEYTIMEOUT: '1',
    DB_PASSWORD: 'postgres',
    SECRET_KEY: 'changeme',
    SSH_KEY_PATH: tmpdir(),
    API_KEY: '<your key>',
    AUTH_TOKEN: 'your-token-here',
    EDITOR: 'vim-with-plugins1',
    DATABASE_URL: 'postgres://app:Pw%2Fof-db@db/app',
  }
  expect(secretsOfEnvironment(env).sort()).toEqual(
    ['Pw%2Fof-db', 'Pw/of-db', 'Xk3-9v', 'value-of-cred', 'value-of-key', 'value-of-token'].sort(),
  )
})

test('of a .env file more is secret, but not what only configures', () => {
  const text = [
    '# comment KEY=no-not-this-one1',
    'export STRIPE=abc123def456',
    "SESSION='two words of it'",
    'APP_NAME=my-app-2024',
    'PORT=3000',
    'MODEL=claude-sonnet-4-6',
    'API_URL=http://localhost:3000/api',
    'PRIVATE_KEY="line one\\nline two"',
    'TOKEN=value-of-token # the token',
  ].join('\n')
  expect(secretsOfEnvFile(text)).toEqual([
    'abc123def456',
    'two words of it',
    'line one\nline two',
    'value-of-token',
  ])
})

test.each(['.env', '.env.local', '.env.production', 'a/b/.envrc', 'prod.env', '.ENV'])(
  '%s is private',
  name => expect(isEnvFile(name)).toBe(true),
)
test.each(['.env.example', '.env.sample', '.env.template', 'env.ts', '.envelope', 'src/env', '.env.d.ts'])(
  '%s is not',
  name => expect(isEnvFile(name)).toBe(false),
)

test('the .env files of a project are found, those of its packages too', async () => {
  const root = mkdtempSync(join(tmpdir(), 'retrai-env-'))
  try {
    mkdirSync(join(root, 'packages/api'), { recursive: true })
    mkdirSync(join(root, 'node_modules/x'), { recursive: true })
    writeFileSync(join(root, '.env'), 'TOKEN=value-of-root')
    writeFileSync(join(root, 'packages/api/.env.local'), 'TOKEN=value-of-package')
    writeFileSync(join(root, 'node_modules/x/.env'), 'TOKEN=value-of-dependency')
    writeFileSync(join(root, '.env.example'), 'TOKEN=value-of-example')
    expect(await readEnvFiles(root)).toEqual(['value-of-root', 'value-of-package'])
    expect(await readEnvFiles(join(root, 'gone'))).toEqual([])
  } finally {
    rmSync(root, { recursive: true })
  }
})
