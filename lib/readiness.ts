// What /readyz says: whether runs can be taken, and where it fails.
import type { Readiness } from '#lib/contract/server'
import { messageOf } from '#lib/errors'

interface ReadinessParts {
  version: string
  store: { ping(): Promise<void> }
  spawner: { ping(): Promise<void> }
  sandbox: { mode: string; note: string | null }
  queue(): { active: number; waiting: number }
  isStopping(): boolean
}

export function createReadiness(parts: ReadinessParts): () => Promise<Readiness> {
  return async () => {
    const { active, waiting } = parts.queue()
    const checks = await Promise.all([
      check('database', () => parts.store.ping(), 'reads and writes'),
      check('commands', () => parts.spawner.ping(), 'the helper process answers'),
      check('accepting', refuseWhenStopping(parts), `${active} running, ${waiting} queued`),
    ])
    return {
      ready: checks.every(({ ok }) => ok),
      version: parts.version,
      // Said, not failed: running without a sandbox is allowed.
      checks: [
        ...checks,
        { name: 'sandbox', ok: true, detail: parts.sandbox.note ?? parts.sandbox.mode, ms: 0 },
      ],
    }
  }
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
