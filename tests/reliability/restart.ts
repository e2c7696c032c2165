// A start over a full history: how long until the server listens, and whether every unfinished run is taken up.
import { cp, rm } from 'node:fs/promises'
import { isFinal } from '#lib/contract/runs'
import { api } from '#lib/testing/api'
import { startServer, temporaryDirectory } from '#lib/testing/server'
import { openStage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { allEvents, journalFaults } from './journal-faults.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { LEFT_AS, startLongRun, writeRuns } from './stored-runs.ts'

const SIZES = { quick: { ended: 80, each: 5, starts: 1 }, full: { ended: 800, each: 50, starts: 3 } }
const LISTENING_WITHIN_MS = 2000

export const restart: Scenario = {
  name: 'restart',
  promise:
    'With 1,000 stored runs, 200 of them unfinished, the server listens within 2 s, and all of them go on',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const broken: string[] = []
    const env = { RETRAI_MAX_PARALLEL: '8' }
    const stage = await openStage({ bundle, env })
    const copy = await temporaryDirectory('retrai-copy-')
    try {
      const patternId = await startLongRun(stage)
      await stage.server.kill9()
      const counts = {
        queued: size.each,
        running: size.each,
        waiting: size.each,
        paused: size.each,
        ended: size.ended,
      }
      const written = await writeRuns(stage.server.dataDir, patternId, counts, createRandom(seed, 'restart'))
      log('the runs are written')

      const empty = await emptyStart(bundle)
      const started: number[] = []
      for (let start = 1; start <= size.starts; start++) {
        // From the same state each time.
        await rm(copy, { recursive: true, force: true })
        await cp(stage.server.dataDir, copy, { recursive: true })
        const began = performance.now()
        const server = await startServer({
          bundle,
          dataDir: copy,
          env: { ...env, ANTHROPIC_BASE_URL: stage.model.url },
        })
        started.push(performance.now() - began)
        if (start < size.starts) {
          await server.kill9()
          continue
        }
        try {
          const client = api(server.url)
          const goOn = ['queued', 'running', 'paused'].flatMap(how => written.get(how as 'queued') ?? [])
          let ended = 0
          for (const runId of goOn) {
            await waitFor(`run ${runId} ends`, async () => isFinal((await client.run(runId)).status), {
              limitMs: 240_000,
              everyMs: 100,
            })
            ended++
            broken.push(...journalFaults(runId, await allEvents(client, runId), true))
          }
          for (const runId of written.get('running') ?? []) {
            const recovered = await client.events(runId, '?kind=recovered')
            if (recovered.length !== 1) broken.push(`run ${runId} has ${recovered.length} recovered events`)
          }
          const waiting = (await client.gates()).filter(gate => written.get('waiting')!.includes(gate.run_id))
          if (waiting.length !== size.each)
            broken.push(`${waiting.length} of ${size.each} gates are still open`)
          const figures = {
            'stored runs': size.ended + LEFT_AS.length * size.each,
            'unfinished runs': LEFT_AS.length * size.each,
            'listening after ms (median)': Math.round(median(started)),
            'listening after ms (all)': started.map(Math.round).join(' '),
            'an empty server ms': Math.round(empty),
            'gone on to their end': ended,
            'still waiting at their gate': waiting.length,
          }
          // A machine that is busy with other things is not the server's fault: then the history may cost a second.
          if (median(started) > Math.max(LISTENING_WITHIN_MS, empty + 1000)) {
            broken.push(`the server listened after ${Math.round(median(started))} ms`)
          }
          return { figures, broken }
        } finally {
          await server.close()
        }
      }
      throw new Error('nothing was started')
    } finally {
      await rm(copy, { recursive: true, force: true })
      await stage.close()
    }
  },
}

/** What the machine takes now for a server without history. */
async function emptyStart(bundle: string | undefined): Promise<number> {
  const began = performance.now()
  const server = await startServer({ bundle })
  const ms = performance.now() - began
  await server.close()
  return ms
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
