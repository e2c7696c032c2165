// The main scenario: the server is killed again and again under full work, and nothing may be lost, doubled or forgotten.
import { comeFurther } from './came-further.ts'
import { campaign } from './campaign.ts'
import { type KillCount, killAgainAndAgain } from './life.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import type { PlanKind } from './workload.ts'

const KINDS: readonly PlanKind[] = ['plain', 'gated', 'plain', 'plain', 'aborted', 'plain']

/** Creates under way at any time, so that each kill may fall into some; with 200 kills they are more than 500. */
const GREEN_AT_ONCE = 3

export const kills: Scenario = {
  name: 'kills',
  promise:
    'kill -9 at any moment: nothing acknowledged or shown is lost or doubled, no command runs twice, and every run goes on by itself to its end',
  async run({ seed, scale, kills: wanted, bundle, log }) {
    const isFull = scale === 'full'
    const count = isFull ? wanted : Math.min(wanted, 25)
    const random = createRandom(seed, 'kills')
    let said = 0
    return campaign({
      seed,
      ...(bundle ? { bundle } : {}),
      busy: isFull ? 24 : 8,
      kinds: KINDS,
      workload: { iterations: isFull ? [8, 20] : [3, 5], commandMs: 80 },
      thinkMs: 25,
      parallel: 8,
      least: isFull ? { toolCalls: 1000, events: 3000 } : { toolCalls: 100, events: 400 },
      patienceMs: isFull ? 300_000 : 60_000,
      async trouble(at) {
        const { life, create, ended, seen } = at
        const creates: Promise<void>[] = []
        let unanswered = 0
        function eachLife({ kills: done }: KillCount) {
          for (; unanswered < GREEN_AT_ONCE; unanswered++)
            creates.push(create('green').finally(() => unanswered--))
          if (done < said + 20) return
          said = done
          log(`${done} kills, ${ended()} runs ended`)
        }
        const total = await killAgainAndAgain({
          ...{ life, random, kills: count, seen, eachLife },
          further: () => comeFurther(at)(),
        })
        await Promise.all(creates)
        return total
      },
      log,
    })
  },
}
