import { describe, expect, test } from 'vitest'
import { childEnv, systemFirst } from './child-env.ts'

describe('the environment of a command', () => {
  test('has what programs need to work as in a terminal', () => {
    const mine = {
      PATH: '/usr/bin:/bin',
      HOME: '/home/ada',
      LANG: 'de_DE.UTF-8',
      LC_TIME: 'C',
      TZ: 'UTC',
      PYENV_ROOT: '/home/ada/.pyenv',
      GOPATH: '/home/ada/go',
      https_proxy: 'http://proxy:3128',
      CI: 'true',
    }
    expect(childEnv(mine)).toMatchObject(mine)
  })

  test('has nothing that is not on the list', () => {
    const ours = {
      ANTHROPIC_API_KEY: 'sk-1',
      AWS_SECRET_ACCESS_KEY: 'x',
      GITHUB_TOKEN: 'x',
      DATABASE_URL: 'postgres://u:p@h/d',
      RETRAI_TOKEN: 'x',
      NODE_OPTIONS: '--inspect',
      NODE_ENV: 'production',
      NODE_PATH: '/server/node_modules',
      NODE_TEST_CONTEXT: 'child',
      NODE_CHANNEL_FD: '3',
      VITEST: 'true',
      VITEST_POOL_ID: '1',
      npm_config_registry: 'x',
      SSH_AUTH_SOCK: '/run/agent',
      BASH_ENV: '/evil',
      LD_PRELOAD: '/evil.so',
      GIT_DIR: '/elsewhere',
      PORT: '8000',
    }
    expect(childEnv({ ...ours, PATH: '/bin' })).toEqual({
      PATH: '/bin',
      TERM: 'dumb',
      NO_COLOR: '1',
      GIT_TERMINAL_PROMPT: '0',
    })
  })

  test('has no variable named like a secret, whatever begins its name', () => {
    expect(childEnv({ LC_API_KEY: 'x', LC_TOKEN: 'x', LC_PASSWORD: 'x' })).not.toHaveProperty('LC_API_KEY')
  })

  test('has no address with a password in it', () => {
    const env = childEnv({ http_proxy: 'http://ada:hunter2@proxy:3128', https_proxy: 'http://proxy:3128' })
    expect(env).not.toHaveProperty('http_proxy')
    expect(env.https_proxy).toBe('http://proxy:3128')
  })

  test('finds the tools of the project, not those the server was started with', () => {
    const PATH = '/app/node_modules/.bin:/node_modules/.bin:/lib/node_modules/npm/node-gyp-bin:/usr/bin'
    expect(childEnv({ PATH, npm_lifecycle_event: 'start' }).PATH).toBe('/usr/bin')
    expect(childEnv({ PATH }).PATH).toBe(PATH)
  })

  test('our own programs are looked for in the system first, and never in the project', () => {
    const PATH = './node_modules/.bin::/app/.venv/bin:/home/ada/.local/bin:/usr/bin:/app:/apps/bin:bin:/bin'
    expect(systemFirst(PATH, '/app')).toBe('/usr/bin:/bin:/home/ada/.local/bin:/apps/bin')
  })

  test('has a PATH also when the server has none', () => {
    expect(childEnv({}).PATH).toContain('/usr/bin')
  })

  test('takes what the caller adds', () => {
    expect(childEnv({ PATH: '/bin' }, { CI: '1', NO_COLOR: '' })).toMatchObject({ CI: '1', NO_COLOR: '' })
  })
})
