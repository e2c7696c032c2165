// What /readyz says: whether runs can be taken, and where it fails.
import type { Readiness } from '#lib/contract/server'
import { messageOf } from '#lib/errors'
import type { Spawner } from '#lib/workspace/spawner'

interface ReadinessParts {
  version: string
  store: { ping(): Promise<void> }
  spawner: Pick<Spawner, 'run'>
  sandbox: { detail: string }
  disk: { refuseWhenFull(): Promise<void> }
  queue(): { active: number; waiting: number }
  isStopping(): boolean
}

export function createReadiness(parts: ReadinessParts): () => Promise<Readiness> {
  return async () => {
    const { active, waiting } = parts.queue()
    const checks = await Promise.all([
      check('database', () => parts.store.ping(), 'reads and writes; its schema is that of this version'),
      check('disk', () => parts.disk.refuseWhenFull(), 'there is room for new runs'),
      check('commands', pingHelper(parts.spawner), 'the helper process answers'),
      check('accepting', refuseWhenStopping(parts), `${active} running, ${waiting} queued`),
    ])
    return {
      ready: checks.every(({ ok }) => ok),
      version: parts.version,
      // Said, not failed: running without a sandbox is allowed.
      checks: [...checks, { name: 'sandbox', ok: true, detail: parts.sandbox.detail, ms: 0 }],
    }
  }
}

const pingHelper = (spawner: Pick<Spawner, 'run'>) => async () => {
  const limits = { timeoutMs: 5000, headBytes: 0, tailBytes: 0 }
  const { exitCode, problem } = await spawner.run({
    argv: ['/bin/sh', '-c', ':'],
    cwd: '/',
    env: {},
    ...limits,
  })
  if (exitCode !== 0) throw new Error(problem ?? 'commands cannot be started')
}

const refuseWhenStopping = (parts: ReadinessParts) => async () => {
  if (parts.isStopping()) throw new Error('the server is stopping')
}

async function check(name: string, probe: () => Promise<void>, detail: string) {
  const started = performance.now()
  const result = await probe().then(
    () => ({ ok: true, detail }),
    error => ({ ok: false, detail: messageOf(error) }),
  )
  return { name, ...result, ms: Math.round(performance.now() - started) }
}
