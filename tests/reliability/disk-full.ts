// The disk under the data directory fills up while runs work, and has room again later.
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunSummary } from '#lib/contract/runs'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { createEndlessWork } from './endless-work.ts'
import { startWaitingRun } from './note-source.ts'
import { keepFollowing, type PersistentClient } from './persistent-client.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { send } from './send.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

const SIZES = { quick: { cycles: 1 }, full: { cycles: 20 } }
// More than what the server wants to be free before it goes on.
const DISK_MIB = 160
const RUNS = 4
const GREEDY_MS = 3000
const LOOK_AGAIN_MS = 3000

export const diskFull: Scenario = {
  name: 'disk-full',
  promise:
    'While the disk is full runs hold, reads and pages work and creates are answered 507; once there is room all goes on by itself and nothing is lost',
  async run({ seed, scale, bundle, log }) {
    const disk = await mountSmallDisk(DISK_MIB)
    if ('problem' in disk)
      return { figures: {}, broken: [`no small disk can be mounted here: ${disk.problem}`] }
    const { cycles } = SIZES[scale]
    const random = createRandom(seed, 'disk-full')
    const broken: string[] = []
    const counts = {
      cycles: 0,
      'runs that held': 0,
      'runs that held and could not say so': 0,
      'runs that found room': 0,
      'creates answered 507': 0,
      'notes that still fitted': 0,
      'slowest going on ms': 0,
    }
    try {
      const stage = await openStage({ bundle, dataDir: disk.path })
      const work = await createEndlessWork(stage, { command: () => 'sleep 0.05; cat check.sh app.txt' })
      try {
        let isDown = false
        void stage.server.ended.then(() => {
          isDown = true
        })
        const notedId = await startWaitingRun(stage)
        const cwd = await stage.project({})
        await work.start(RUNS)
        const clients = work.runIds.map(runId => keepFollowing({ url: () => stage.server.url, runId }))
        for (let cycle = 1; cycle <= cycles && !isDown; cycle++) {
          await comeFurther(clients, 5)
          await sleep(random.between(0, 300))
          const isGreedy = cycle % 2 === 0
          await whileFull(stage, disk, { notedId, isGreedy, cwd }, counts, broken)
          const began = performance.now()
          disk.free()
          await comeFurther(clients, 3).catch(() => broken.push(`not all runs went on after cycle ${cycle}`))
          counts['slowest going on ms'] = Math.max(
            counts['slowest going on ms'],
            Math.round(performance.now() - began),
          )
          counts.cycles++
          log(`cycle ${cycle} of ${cycles}`)
        }
        if (isDown) {
          const { code, signal } = await stage.server.ended
          broken.push(`the server ended with ${code ?? signal}: ${stage.server.stderr().slice(-500)}`)
          return { figures: counts, broken }
        }
        broken.push(...(await work.finish()))
        await Promise.all(clients.map(client => client.done))
        for (const client of clients) broken.push(...client.faults)
        const shown = clients.reduce((sum, client) => sum + client.last(), 0)
        return { figures: { ...counts, 'events shown': shown, commands: (await work.ledger()).size }, broken }
      } finally {
        disk.free()
        await stage.close()
      }
    } finally {
      await disk.remove()
    }
  },
}

/** Until each run has that many events more. */
async function comeFurther(clients: PersistentClient[], events: number) {
  const before = clients.map(client => client.last())
  await waitFor('all runs come further', () => clients.every((one, n) => one.last() >= before[n]! + events), {
    limitMs: 60_000,
    everyMs: 50,
  })
}

/** SQLite's log keeps the room it once had: small events fit for a while. How many large ones did. */
async function exhaustLog(stage: Stage, notedId: string): Promise<number> {
  for (let fitted = 0; fitted < 500; fitted++) {
    const answer = await send(stage.server.url, `/api/runs/${notedId}/note`, {
      body: { text: 'n'.repeat(60_000) },
    })
    if (answer?.status !== 200) return fitted
  }
  throw new Error('500 large notes fitted on a full disk')
}

interface Counts {
  'runs that held and could not say so': number
  'runs that found room': number
  'runs that held': number
  'creates answered 507': number
  'notes that still fitted': number
}

/**
 * Fills the disk. `isGreedy`: whatever fills it takes at once what the server gives up, too; then not even that a run holds
 * can be stored, and only what is lost counts.
 */
async function whileFull(
  stage: Stage,
  disk: SmallDisk,
  { notedId, isGreedy, cwd }: { notedId: string; isGreedy: boolean; cwd: string },
  counts: Counts,
  broken: string[],
) {
  const filling = isGreedy ? setInterval(() => disk.fill(), 20) : undefined
  try {
    disk.fill()
    counts['notes that still fitted'] += await exhaustLog(stage, notedId)
    if (isGreedy) await sleep(GREEDY_MS)
    else await runsHold(stage, counts, broken)
    disk.fill()
    const create = await send(stage.server.url, '/api/runs', {
      body: { goal: 'there', check_command: 'true', cwd },
    })
    if (create?.status === 507) counts['creates answered 507']++
    else broken.push(`a create was answered ${create?.status} while the disk was full`)
    const page = await send(stage.server.url, '/', { method: 'GET' })
    if (page?.status !== 200)
      broken.push(`the dashboard was answered ${page?.status} while the disk was full`)
  } finally {
    clearInterval(filling)
  }
}

/** Every run says that it holds, or has found room in what the server gave up. */
async function runsHold(stage: Stage, counts: Counts, broken: string[]) {
  const list = async () => {
    const answer = await send(stage.server.url, '/api/runs', { method: 'GET' })
    if (answer?.status !== 200) broken.push(`the list was answered ${answer?.status} while the disk was full`)
    return (answer?.json ?? []) as RunSummary[]
  }
  const isPaused = ({ status }: RunSummary) => status === 'paused'
  const isWorking = ({ status }: RunSummary) => status === 'running' || status === 'queued'
  await waitFor('a run holds', async () => (await list()).some(isPaused), { limitMs: 20_000 }).catch(() =>
    broken.push('no run said that it holds while the disk was full'),
  )
  const before = new Map((await list()).map(run => [run.run_id, run.last_seq]))
  await sleep(LOOK_AGAIN_MS)
  const after = await list()
  counts['runs that held'] += after.filter(isPaused).length
  const working = after.filter(isWorking)
  const quiet = working.filter(run => run.last_seq === before.get(run.run_id))
  counts['runs that held and could not say so'] += quiet.length
  counts['runs that found room'] += working.length - quiet.length
}
