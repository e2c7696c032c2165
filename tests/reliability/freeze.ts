// The server's process is stopped and goes on later, as when a laptop sleeps or a virtual machine is moved.
import { setTimeout as sleep } from 'node:timers/promises'
import { openStage, type Stage } from '#lib/testing/stage'
import { createEndlessWork } from './endless-work.ts'
import { processTree } from './marked-processes.ts'
import { keepFollowing } from './persistent-client.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario } from './scenario.ts'

const SIZES = {
  quick: { freezes: 3, seconds: [1, 2], long: 0 },
  // The long one is longer than any of the server's idle timeouts for the model and for sockets.
  full: { freezes: 19, seconds: [2, 5], long: 65 },
}
const RUNS = 4
/** So that answers of the model are under way when the server freezes. */
const MS_PER_EVENT = 8

export const freeze: Scenario = {
  name: 'freeze',
  promise:
    'A server that is frozen and goes on repeats no step, leaves no run behind, and its clients get everything',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const random = createRandom(seed, 'freeze')
    const broken: string[] = []
    const stage = await openStage({ bundle, msPerEvent: MS_PER_EVENT })
    const work = await createEndlessWork(stage, { command: () => 'sleep 0.1' })
    try {
      await work.start(RUNS)
      const clients = work.runIds.map(runId => keepFollowing({ url: () => stage.server.url, runId }))
      const durations = Array.from({ length: size.freezes }, () => {
        const [least, most] = size.seconds as [number, number]
        return random.between(least * 1000, most * 1000)
      })
      if (size.long > 0) durations.splice(random.between(0, durations.length), 0, size.long * 1000)
      let stuck = 0
      for (const [index, ms] of durations.entries()) {
        await sleep(random.between(100, 800))
        await freezeFor(stage, ms, random)
        const before = clients.map(client => client.last())
        // Every run must come further; nothing is due before that.
        for (
          let waited = 0;
          waited < 30_000 && clients.some((one, n) => one.last() <= before[n]!);
          waited += 50
        ) {
          await sleep(50)
        }
        const held = clients.filter((client, n) => client.last() <= before[n]!).length
        stuck += held
        if (held > 0) broken.push(`${held} runs did not go on within 30 s after freeze ${index + 1}`)
        log(`freeze ${index + 1} of ${durations.length}: ${(ms / 1000).toFixed(1)} s`)
      }
      broken.push(...(await work.finish()))
      await Promise.all(clients.map(client => client.done))
      for (const client of clients) broken.push(...client.faults)
      const ledger = await work.ledger()
      const twice = [...ledger.values()].filter(({ begun }) => begun > 1).length
      return {
        figures: {
          freezes: durations.length,
          'longest freeze s': Math.max(...durations) / 1000,
          commands: ledger.size,
          'commands run twice': twice,
          'runs that did not go on': stuck,
          'events shown': clients.reduce((sum, client) => sum + client.last(), 0),
          reconnects: clients.reduce((sum, client) => sum + client.connections() - 1, 0),
        },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

/** The server alone, or with everything below it. */
async function freezeFor(stage: Stage, ms: number, random: Random) {
  const { pid } = stage.server
  const frozen = random.chance(0.5) ? [pid] : await processTree(pid)
  for (const one of frozen) signal(one, 'SIGSTOP')
  try {
    await sleep(ms)
  } finally {
    for (const one of frozen.toReversed()) signal(one, 'SIGCONT')
  }
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch {
    // a command that has ended meanwhile
  }
}
