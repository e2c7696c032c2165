// Creating runs with an Idempotency-Key over kills: whoever asks again until an answer comes has started exactly one run.
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal, type RunSummary } from '#lib/contract/runs'
import type { Api } from '#lib/testing/api'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { createRandom, type Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import { sendUntilAnswered } from './send.ts'

const SIZES = { quick: { creates: 24, kills: 2 }, full: { creates: 500, kills: 25 } }
const CLIENTS = 8

export const creates: Scenario = {
  name: 'creates',
  promise: 'A create that is repeated with its Idempotency-Key until it is answered starts exactly one run',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const random = createRandom(seed, 'creates')
    const broken: string[] = []
    const runIds = new Map<string, string>()
    const counts = { repeated: 0, replayed: 0, kills: 0, 'lost after 201': 0 }
    const stage = await openStage({ bundle, env: { RETRAI_MAX_PARALLEL: '8' } })
    try {
      // Fulfilled from the start: each run is short, so that the queue takes them all.
      const cwd = await stage.project({ 'app.txt': 'works\n' })
      const create = (key: string) =>
        sendUntilAnswered(
          () => stage.server.url,
          '/api/runs',
          {
            body: { goal: 'there', check_command: 'test -f app.txt', cwd, tags: [key] },
            headers: { 'idempotency-key': key },
          },
          300_000,
        )

      async function createOne(key: string) {
        const { status, headers, json, tries } = await create(key)
        if (tries > 1) counts.repeated++
        if (headers.get('idempotent-replayed') === 'true') counts.replayed++
        if (status !== 201) broken.push(`create ${key} was answered ${status}: ${JSON.stringify(json)}`)
        const { run_id } = json as { run_id: string }
        runIds.set(key, run_id)
        if (random.next() > 0.3) return
        const again = (await create(key)).json as { run_id: string }
        if (again.run_id !== run_id) broken.push(`${key} is run ${run_id}, and run ${again.run_id} too`)
      }

      const keys = Array.from({ length: size.creates }, (_, number) => `key-${number}`)
      const waiting = [...keys]
      const clients = Array.from({ length: CLIENTS }, async () => {
        for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) await createOne(key)
      })
      const killing = killMeanwhile(stage, random, {
        kills: size.kills,
        isOver: () => runIds.size === keys.length,
        // So that the kills come evenly over all of the creates.
        isDue: kill => runIds.size >= (kill * keys.length) / size.kills,
        async afterKill(acknowledged) {
          counts.kills++
          for (const runId of acknowledged) {
            const found = await stage.client.request('GET', `/api/runs/${runId}`)
            if (found.status === 200) continue
            counts['lost after 201']++
            broken.push(`run ${runId} was acknowledged, and is gone after the kill`)
          }
          log(`${runIds.size} of ${keys.length} created, ${counts.kills} kills`)
        },
        acknowledged: () => [...runIds.values()],
      })
      await Promise.all([...clients, killing])

      const stored = await listAll(stage.client)
      const distinct = new Set(runIds.values())
      if (stored.length !== keys.length) {
        broken.push(`${keys.length} keys were used, and ${stored.length} runs are there`)
      }
      if (distinct.size !== keys.length)
        broken.push(`${keys.length} keys were answered with ${distinct.size} runs`)
      for (const { run_id, tags } of stored) {
        if (runIds.get(tags[0] ?? '') !== run_id) broken.push(`nobody was told of run ${run_id}`)
      }
      const ended = await waitFor(
        'all runs have ended',
        async () => {
          const runs = await listAll(stage.client)
          return runs.every(({ status }) => isFinal(status)) ? runs : null
        },
        { limitMs: 300_000, everyMs: 500 },
      )
      const others = ended.filter(({ status }) => status !== 'achieved')
      const achieved = ended.length - others.length
      for (const { run_id, status, outcome, reason } of others) {
        broken.push(`run ${run_id} ended ${status} (${outcome}): ${reason}`)
      }
      return {
        figures: { keys: keys.length, runs: stored.length, distinct: distinct.size, achieved, ...counts },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

interface Killing {
  kills: number
  isOver(): boolean
  isDue(kill: number): boolean
  acknowledged(): string[]
  /** Told which runs were acknowledged before the kill. */
  afterKill(acknowledged: string[]): Promise<void>
}

async function killMeanwhile(stage: Stage, random: Random, killing: Killing) {
  for (let kill = 0; kill < killing.kills && !killing.isOver(); kill++) {
    while (!killing.isDue(kill) && !killing.isOver()) await sleep(5)
    await sleep(random.between(0, 30))
    await stage.server.kill9()
    const acknowledged = killing.acknowledged()
    await stage.restart('kill9')
    await killing.afterKill(acknowledged.slice(-20))
  }
}

async function listAll(client: Api): Promise<RunSummary[]> {
  const runs: RunSummary[] = []
  for (let path = '/api/runs?limit=200'; ; ) {
    const { json, headers } = await client.request('GET', path)
    runs.push(...(json as RunSummary[])) // held against the document
    const next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1]
    if (next === undefined) return runs
    path = next.replace(/^https?:\/\/[^/]+/, '')
  }
}
