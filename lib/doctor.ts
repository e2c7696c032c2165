// The program behind `retrai doctor`: looks at what this machine has of what the server uses, and answers with one line of
// JSON. Starts no server, and leaves nothing but an empty data directory.
import { accessSync, constants } from 'node:fs'
import { readConfig } from './config.ts'
import { messageOf } from './errors.ts'
import { openSandbox } from './workspace/sandbox/open-sandbox.ts'
import { createSpawner, type Spawner } from './workspace/spawner.ts'

/** `warn`: it works without, but not as well. */
interface Finding {
  name: string
  status: 'ok' | 'warn' | 'failed'
  detail: string
}

const found = (name: string, detail: string): Finding => ({ name, status: 'ok', detail })

async function lookAround(): Promise<Finding[]> {
  const findings = [found('node', `${process.version} on ${process.platform} ${process.arch}`)]
  const spawner = createSpawner()
  try {
    findings.push(await git(spawner))
    let config: ReturnType<typeof readConfig>
    try {
      config = readConfig()
    } catch (error) {
      return [...findings, { name: 'settings', status: 'failed', detail: messageOf(error) }]
    }
    findings.push(dataDirectory(config.dataDir, config.dataDirNote))
    findings.push(...(await sandbox(config, spawner)))
    findings.push(keys(config))
    if (config.webhook) findings.push(webhook(config.webhook))
    return findings
  } finally {
    await spawner.close()
  }
}

async function git(spawner: Spawner): Promise<Finding> {
  const { out, exitCode } = await spawner.run({
    argv: ['git', '--version'],
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    timeoutMs: 10_000,
    headBytes: 1000,
    tailBytes: 0,
  })
  if (exitCode === 0) return found('git', Buffer.from(out.head).toString().trim())
  const detail = 'not found: without it there are no diffs and tests are not protected; install git'
  return { name: 'git', status: 'failed', detail }
}

function dataDirectory(path: string, note: string | null): Finding {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    return { name: 'data directory', status: 'failed', detail: `${path}: ${messageOf(error)}` }
  }
  return note === null
    ? found('data directory', path)
    : { name: 'data directory', status: 'warn', detail: note }
}

type Config = ReturnType<typeof readConfig>

async function sandbox(
  { sandbox: asked, dataDir, sandboxReads }: Config,
  spawner: Spawner,
): Promise<Finding[]> {
  const { state, why, assertions } = await openSandbox({ asked, spawner, dataDir, readable: sandboxReads })
  const each = assertions.map(
    ({ name, ok }): Finding => ({ name: `sandbox: ${name}`, status: ok ? 'ok' : 'failed', detail: '' }),
  )
  if (why === null)
    return [{ name: 'sandbox', status: state.note === null ? 'ok' : 'warn', detail: state.detail }, ...each]
  const status = asked === 'off' ? 'warn' : 'failed'
  return [{ name: 'sandbox', status, detail: `commands of runs are not sandboxed: ${why}` }, ...each]
}

/** That there is one; where it leads may be a secret. */
function webhook({ url, secret }: NonNullable<Config['webhook']>): Finding {
  const { origin } = new URL(url)
  if (secret !== null) return found('webhook', `${origin}, signed`)
  const detail = `${origin}, not signed: set RETRAI_WEBHOOK_SECRET, so that the receiver knows who sent it`
  return { name: 'webhook', status: 'warn', detail }
}

/** Which there are, never what they are. */
function keys({ anthropic, providerKeys, token }: Config): Finding {
  const names = [
    ...(anthropic.apiKey === null ? [] : ['of Anthropic']),
    ...Object.keys(providerKeys).filter(name => name !== 'ANTHROPIC_API_KEY'),
    ...(token === null ? [] : ['RETRAI_TOKEN']),
  ]
  if (anthropic.apiKey !== null || Object.keys(providerKeys).length > 0)
    return found('keys', names.join(', '))
  const detail = 'ANTHROPIC_API_KEY is not set; set it, or use a model of this machine or `retrai demo`'
  return { name: 'keys', status: 'warn', detail }
}

const findings = await lookAround()
console.log(JSON.stringify({ findings }))
process.exitCode = findings.some(({ status }) => status === 'failed') ? 1 : 0
