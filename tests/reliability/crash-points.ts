// Every moment that the source names as telling: the server dies there for the n-th time it passes, and all must come right
// again. What random kills hit once in a thousand times is hit here each time.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildBundle, pointsIn } from './build-bundle.ts'
import { comeFurther } from './came-further.ts'
import { type Campaign, campaign } from './campaign.ts'
import type { Life } from './life.ts'
import type { Scenario } from './scenario.ts'
import type { PlanKind } from './workload.ts'

const KINDS: readonly PlanKind[] = ['plain', 'gated', 'plain']
/** Within this a point is passed, or never. */
const REACHED_WITHIN_MS = 30_000

export const crashPoints: Scenario = {
  name: 'crash-points',
  promise:
    'a crash at any named moment (around commits, broadcasts, tools, model calls, gates, creates, recovery, protected files) is recovered from',
  async run({ seed, scale, log }) {
    const isFull = scale === 'full'
    const points = allPoints()
    // In the short form every third moment, once.
    const chosen = points.filter((_, index) => isFull || index % 3 === 0)
    const targets = (isFull ? [1, 2, 3] : [1]).flatMap(nth => chosen.map(point => ({ point, nth })))
    const bundle = await buildBundle('crash-points')
    const missed: string[] = []
    let crashes = 0
    const result = await campaign({
      seed,
      bundle,
      busy: 6,
      kinds: KINDS,
      workload: { iterations: [2, 4], commandMs: 40 },
      thinkMs: 5,
      parallel: 4,
      least: isFull ? { toolCalls: 300, events: 1500 } : { toolCalls: 100, events: 500 },
      patienceMs: 180_000,
      async trouble(at) {
        await at.life.kill()
        for (const { point, nth } of targets) {
          if (await diesAt(at, point, nth)) crashes += 1
          else missed.push(`${point}:${nth}`)
          if (crashes % 20 === 0) log(`${crashes} of ${targets.length} crashes`)
        }
        await at.life.start()
        return { kills: crashes, doubles: 0 }
      },
      log,
    })
    const never = missed.map(name => `${name} was not passed within ${REACHED_WITHIN_MS / 1000} s`)
    return {
      figures: { points: chosen.length, crashes, 'points missed': missed.length, ...result.figures },
      broken: [...never, ...result.broken],
    }
  },
}

/** Whether the server died there; it is down afterwards in any case. */
async function diesAt(at: Campaign, point: string, nth: number): Promise<boolean> {
  const { life, create } = at
  const extra: PlanKind = /gate|decision/.test(point) ? 'gated' : /abort/.test(point) ? 'aborted' : 'green'
  const isAtBoot = /recovered/.test(point)
  const further = comeFurther(at)
  try {
    const env = { CRASH_AT: `${point}:${nth}`, CRASH_ARMED: isAtBoot ? 'now' : 'later' }
    const { pid } = await life.start(env)
    await further()
    if (life.isUp()) process.kill(pid, 'SIGUSR2')
  } catch (error) {
    if (/ended with SIGKILL/.test(String(error))) return true // while it recovered
    throw error
  }
  // Answered only in a later life, where the point lies before the answer.
  for (let more = 0; more < nth; more++) void create(extra)
  const died = await endsWithin(life, REACHED_WITHIN_MS)
  if (!died) await life.kill()
  return died
}

async function endsWithin(life: Life, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const died = await Promise.race([life.ended().then(() => true), late])
  clearTimeout(timer)
  return died
}

function allPoints(): string[] {
  const lib = fileURLToPath(new URL('../../lib', import.meta.url))
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  return [...new Set(files.sort().flatMap(file => pointsIn(readFileSync(path.join(lib, file), 'utf8'))))]
}
