// No command outlives its server: kills around the start of commands and while they run, whatever the commands do to get away.
import { setTimeout as sleep } from 'node:timers/promises'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { openStage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { runningWith } from './marked-processes.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario, ScenarioOptions } from './scenario.ts'

const SIZES = { quick: { kills: 3, lanes: 1, runs: 4 }, full: { kills: 400, lanes: 2, runs: 8 } }

/** How long after a kill nothing may be left. */
const GRACE_MS = 1000
/** What is left then is looked at again: it may only be slow. */
const PATIENCE_MS = 4000

/** Ways to go on without the shell that was asked for; each sleeps for a number of seconds that nobody else has. */
const SHAPES: Record<string, (seconds: string) => string> = {
  plain: seconds => `sleep ${seconds}`,
  short: seconds => `sleep ${seconds} & sleep 0.02`,
  background: seconds => `sleep ${seconds} & sleep ${seconds} & wait`,
  orphan: seconds => `(sleep ${seconds} &) ; sleep 0.1`,
  session: seconds => `setsid sleep ${seconds} & sleep 0.1`,
  daemon: seconds =>
    `(setsid sh -c 'trap "" TERM HUP INT; sleep ${seconds} & wait' >/dev/null 2>&1 &) ; sleep ${seconds}`,
  'daemon without environment': seconds =>
    `(env -i setsid /bin/sh -c 'trap "" TERM HUP; (/bin/sleep ${seconds} &) ; /bin/sleep ${seconds}' >/dev/null 2>&1 &) ; sleep 0.2`,
}

export const orphans: Scenario = {
  name: 'orphans',
  promise: 'One second after the server was killed, nothing that its commands started still runs',
  async run(options) {
    const { kills, lanes } = SIZES[options.scale]
    const broken: string[] = []
    const counts = noCounts()
    const lane = (number: number) =>
      killAgainAndAgain(Math.ceil(kills / lanes), number, options, counts, broken)
    await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)))
    if (counts['kills while a command ran'] * 3 < counts.kills) {
      broken.push(
        `only ${counts['kills while a command ran']} of ${counts.kills} kills met a running command`,
      )
    }
    return { figures: counts, broken }
  },
}

const noCounts = () => ({
  kills: 0,
  'kills while a command ran': 0,
  'commands asked for': 0,
  survivors: 0,
  'survivors 4 s later': 0,
})

async function killAgainAndAgain(
  kills: number,
  lane: number,
  { seed, bundle, log, scale }: ScenarioOptions,
  counts: ReturnType<typeof noCounts>,
  broken: string[],
) {
  const random = createRandom(seed, 'orphans', lane)
  const { runs } = SIZES[scale]
  const mark = `9${process.pid}${lane}.`
  let commands = 0
  const stage = await openStage({ bundle, env: { RETRAI_MAX_PARALLEL: String(runs) } })
  try {
    const nextCommand = () => {
      const shape = random.pick(Object.keys(SHAPES))
      counts['commands asked for']++
      return bash(SHAPES[shape]!(`${mark}${++commands}`))
    }
    for (let n = 0; n < runs; n++) {
      const cwd = await stage.project(SHELL_PROJECT, () => turn([text('On it.'), nextCommand()]))
      await stage.client.start({ ...SHELL_GOAL, cwd, max_iterations: 1000 })
    }
    await waitFor('commands run', async () => (await runningWith(mark)).length > 0)
    for (let kill = 1; kill <= kills; kill++) {
      await killMoment(random, () => commands)
      if ((await runningWith(mark)).length > 0) counts['kills while a command ran']++
      await stage.server.kill9()
      counts.kills++
      await sleep(GRACE_MS)
      const left = await runningWith(mark)
      counts.survivors += left.length
      if (left.length > 0) {
        await sleep(PATIENCE_MS)
        const still = await runningWith(mark)
        counts['survivors 4 s later'] += still.length
        const how = still.length > 0 ? 'for good' : 'for a while'
        broken.push(
          `${GRACE_MS} ms after kill ${kill} there still was, ${how}: ${left.map(({ line }) => line)}`,
        )
        for (const { pid } of still) process.kill(pid, 'SIGKILL')
      }
      if (kill % 25 === 0) log(`lane ${lane}: ${kill} of ${kills} kills, ${counts.survivors} survivors`)
      if (kill < kills) stage.server = await stage.server.restart()
    }
  } finally {
    await stage.close()
  }
}

/** Mostly while commands are being started, which is when they get away; else some time into them. */
async function killMoment(random: Random, commands: () => number) {
  const before = commands()
  const isAtStart = random.chance(0.7)
  // When all runs hold on to a long command, that is as good a moment as any.
  for (let ms = 0; ms < 300 && commands() === before; ms += 2) await sleep(2)
  await sleep(isAtStart ? random.between(0, 40) : random.between(40, 400))
}
