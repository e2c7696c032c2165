// The server of a campaign over all its lives: the same data directory and port, so that clients find it again.
import { createServer } from 'node:net'
import { type StartServerOptions, startServer, type TestServer } from '#lib/testing/server'
import type { Random } from './random.ts'

export interface Life {
  url: string
  /** Resolves once a server listens; at once when one does. */
  up(): Promise<void>
  isUp(): boolean
  /** A new process over the same data. `env` is for this life only. */
  start(env?: StartServerOptions['env']): Promise<TestServer>
  /** kill -9. */
  kill(): Promise<void>
  /** SIGTERM. */
  stop(): Promise<void>
  /** Resolves when the process that runs now has ended by itself or otherwise. */
  ended(): Promise<void>
}

export async function createLife(options: StartServerOptions & { dataDir: string }): Promise<Life> {
  const port = await quietPort()
  let server: TestServer | null = null
  let waiting: (() => void)[] = []

  function down(gone: TestServer) {
    if (server === gone) server = null
  }

  return {
    url: `http://127.0.0.1:${port}`,
    up: () => (server ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    isUp: () => server !== null,
    async start(env = {}) {
      const started = await startServer({
        ...options,
        env: { ...options.env, ...env, PORT: String(port) },
      })
      server = started
      void started.ended.then(() => down(started))
      const awake = waiting
      waiting = []
      for (const wake of awake) wake()
      return started
    },
    async kill() {
      const killed = server
      server = null // clients wait from now on
      await killed?.kill9()
    },
    async stop() {
      const stopped = server
      server = null
      await stopped?.stop()
    },
    async ended() {
      await server?.ended
    },
  }
}

/** After «listening», or after the first thing that was done since: least and most. */
const ALIVE_MS = [30, 350] as const
const AT_WORK = 0.5
const AT_WORK_WITHIN_MS = 6000
/** Events before the first kill: all runs begin with a check, which would else be all that is ever hit. */
const WARM = 100
const WARM_WITHIN_MS = 30_000
/** Of the kills after lives that had time. */
const TWICE = 0.35
const TWICE_WITHIN_MS = 8

export interface KillCount {
  kills: number
  /** Of them, those within a few milliseconds of the recovery from another. */
  doubles: number
}

export interface Killing {
  life: Life
  random: Random
  kills: number
  /** Grows whenever the server works on a run. */
  seen(): number
  eachLife?(count: KillCount): void
  /** Waits until the runs have come further. Every other life is given that time: see came-further.ts. */
  further(): Promise<void>
}

/** Kills and restarts the server so often; it runs when this begins and when it ends. */
export async function killAgainAndAgain(killing: Killing): Promise<KillCount> {
  const { life, random, kills, seen, eachLife, further } = killing
  const count = { kills: 0, doubles: 0 }
  let isDouble = false
  let hasTime = false
  await moreThan(seen() + WARM, seen, WARM_WITHIN_MS)
  while (count.kills < kills) {
    eachLife?.(count)
    if (hasTime) await further()
    // On a slow machine all kills would else come before anything is taken up again, and hit nothing.
    if (random.chance(AT_WORK) && !isDouble) await moreThan(seen(), seen, AT_WORK_WITHIN_MS)
    const ms = isDouble ? random.between(0, TWICE_WITHIN_MS) : random.between(...ALIVE_MS)
    await new Promise(resolve => setTimeout(resolve, ms))
    await life.kill()
    count.kills += 1
    if (isDouble) count.doubles += 1
    hasTime = !hasTime
    isDouble = !hasTime && random.chance(TWICE)
    await life.start()
  }
  return count
}

async function moreThan(before: number, seen: () => number, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (seen() <= before && performance.now() < deadline)
    await new Promise(resolve => setTimeout(resolve, 2))
}

const FIRST_PORT = 20_000
const PORTS = 10_000

/**
 * A free port below those the system gives to outgoing connections: while the server is down, a client that tries again could
 * otherwise be given this very port, and connect to itself.
 */
export async function quietPort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    await new Promise(resolve => server.close(resolve))
    if (isFree) return port
  }
}
