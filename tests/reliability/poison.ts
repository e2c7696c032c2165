// A run that brings the server down each time it is worked on must not keep the others from their ends.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal, type Run } from '#lib/contract/runs'
import { repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { allEvents, journalFaults } from './journal-faults.ts'
import type { Scenario } from './scenario.ts'
import { serverProcess } from './server-process.ts'

const SIZES = { quick: { normal: 3 }, full: { normal: 10 } }
/** Its check asks for the end of the server and does not come to its own; like one that eats all memory. */
const POISON = { goal: 'never mind', check_command: 'touch die && sleep 60' }
const MAX_DEATHS = 8

export const poison: Scenario = {
  name: 'poison',
  promise:
    'A run that brings the server down three times without coming further is ended as crash_loop; the others end',
  async run({ scale, bundle, log }) {
    const broken: string[] = []
    const stage = await openStage({ bundle })
    try {
      const cwd = await stage.project({ 'app.txt': 'poison\n' })
      const killer = killWhenAsked(stage, path.join(cwd, 'die'), log)
      const { run_id: poisonId } = await stage.client.start({ ...POISON, cwd })
      const normal = await startNormal(stage, SIZES[scale].normal)
      const poisoned = await finalRun(stage, poisonId)
      const ended = []
      for (const runId of normal) ended.push(await finalRun(stage, runId))
      const deaths = await killer.stop()

      if (poisoned.status !== 'failed' || poisoned.final_state?.outcome !== 'crash_loop') {
        broken.push(`the poison run ended ${poisoned.status} (${poisoned.final_state?.outcome})`)
      }
      const achieved = ended.filter(({ status }) => status === 'achieved').length
      if (achieved !== normal.length) broken.push(`${achieved} of ${normal.length} normal runs were achieved`)
      for (const runId of [poisonId, ...normal]) {
        broken.push(...journalFaults(runId, await allEvents(stage.client, runId), true))
      }
      const figures = {
        deaths,
        poison: poisoned.status,
        'normal runs': normal.length,
        'normal runs achieved': achieved,
      }
      return { figures, broken }
    } finally {
      await stage.close()
    }
  },
}

/** Kills the server whenever the file is there, also before it listens, and starts it again as a supervisor would. */
function killWhenAsked(stage: Stage, file: string, log: (line: string) => void) {
  let deaths = 0
  let isOver = false
  const { dataDir } = stage.server
  const killing = (async () => {
    while (!isOver) {
      await sleep(10)
      if (!existsSync(file)) continue
      await rm(file)
      const pid = await serverProcess(dataDir)
      if (pid === null) continue
      deaths++
      log(`death ${deaths}`)
      process.kill(pid, 'SIGKILL')
    }
  })()
  const starting = (async () => {
    while (!isOver) {
      await Promise.race([stage.server.ended, sleep(50)])
      if (isOver || (await serverProcess(dataDir)) !== null) continue
      if (deaths > MAX_DEATHS) return
      // It may be killed before it listens: then it is started again.
      await stage.restart('kill9').catch(() => {})
    }
  })()
  return {
    async stop() {
      isOver = true
      await Promise.all([killing, starting])
      return deaths
    },
  }
}

/** While the poison works the server comes and goes: each start is tried until it is answered. */
async function startNormal(stage: Stage, count: number): Promise<string[]> {
  const runIds: string[] = []
  for (let number = 0; number < count; number++) {
    const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
    const headers = { 'idempotency-key': `normal-${number}` }
    const started = await waitFor('a normal run is started', () =>
      stage.client
        .ok<{ run_id: string }>('POST', '/api/runs', { body: { ...SHELL_GOAL, cwd }, headers })
        .catch(() => null),
    )
    runIds.push(started.run_id)
  }
  return runIds
}

async function finalRun(stage: Stage, runId: string): Promise<Run> {
  const isOver = async () => {
    const run = await stage.client.run(runId).catch(() => null)
    return run && isFinal(run.status) ? run : null
  }
  return waitFor(`run ${runId} ends`, isOver, { limitMs: 180_000, everyMs: 100 })
}
