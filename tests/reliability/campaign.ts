// A campaign: a scripted model, a server, runs that keep it busy, clients that follow them, and somebody who kills it. At the
// end everything must have come out right. The main scenario, the crash points and the mutants are campaigns.
import { setMaxListeners } from 'node:events'
import { readdir, readlink, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '#lib/contract/event'
import { isProgress } from '#lib/runs/crash-loop'
import { temporaryDirectory } from '#lib/testing/server'
import { type Acknowledged, check, type Evidence, type Figures } from './checker.ts'
import { type Follower, followBySocketIo, followByWebSocket } from './clients.ts'
import { readDatabase } from './database.ts'
import { decideGates } from './deciders.ts'
import { createLedger } from './ledger.ts'
import { createLife, type KillCount, type Life } from './life.ts'
import { createRequests, type Requests } from './requests.ts'
import { makePlan, type Plan, type PlanKind, startModel, type Workload } from './workload.ts'

export interface CampaignOptions {
  seed: number
  bundle?: string
  env?: Record<string, string | undefined>
  /** Runs that are under way at any time until the trouble is over; so many are started at once. */
  busy: number
  /** Kinds of those runs, taken in turn. */
  kinds: readonly PlanKind[]
  workload: Workload
  /** How long the model thinks at most. */
  thinkMs: number
  parallel: number
  least: Evidence['least']
  /** How long the runs may take to end once the trouble is over. */
  patienceMs: number
  /** Makes the trouble: kills and restarts. The server runs when it begins, and must run when it resolves. */
  trouble(campaign: Campaign): Promise<KillCount>
  /** Its folder is removed even when something broke. */
  isThrowaway?: boolean
  log(line: string): void
}

export interface Campaign {
  life: Life
  /** Creates one more run; resolves when the create is answered. */
  create(kind: PlanKind): Promise<void>
  /** How many runs have ended, as the clients see it. */
  ended(): number
  /** The events of each run that has not ended, as its WebSocket client saw them so far. */
  live: ReadonlyMap<string, RunEvent[]>
  requests: Requests
  /** How many events clients have seen that bring a run further. */
  seen(): number
}

export interface CampaignResult {
  figures: Figures
  broken: string[]
}

/** Every so many-th create is sent twice at once, and every so many-th run is followed over socket.io as well. */
const TWINS = 4
const SOCKET_IO = 4

export async function campaign(options: CampaignOptions): Promise<CampaignResult> {
  const { seed, log } = options
  const began = performance.now()
  const folder = await temporaryDirectory('retrai-chaos-')
  const dataDir = path.join(folder, 'data')
  const ledger = createLedger()
  const plans = new Map<number, Plan>()
  const model = await startModel(seed, plans, options.thinkMs)
  const life = await createLife({
    dataDir,
    ...(options.bundle ? { bundle: options.bundle } : {}),
    env: {
      ANTHROPIC_BASE_URL: model.server.url,
      RETRAI_MAX_PARALLEL: String(options.parallel),
      ...options.env,
    },
  })
  const requests = createRequests(life)
  const over = new AbortController()
  setMaxListeners(0, over.signal) // each client listens
  const acknowledged: Acknowledged[] = []
  const followers: Follower[] = []
  const aborted = new Set<string>()
  const live = new Map<string, RunEvent[]>()
  const background: Promise<unknown>[] = []
  let keysWithTwoRuns = 0
  let started = 0
  let ended = 0
  let seen = 0
  let isFeeding = true

  async function create(kind: PlanKind): Promise<void> {
    const index = started++
    const plan = await makePlan(index, kind, { seed, folder, ledger, workload: options.workload })
    plans.set(index, plan)
    const post = () => requests.persist('POST', '/api/runs', plan.body, { 'idempotency-key': plan.key })
    const replies = await Promise.all(index % TWINS === 0 ? [post(), post()] : [post()])
    const ids = new Set(replies.flatMap(reply => (reply?.status === 201 ? [String(reply.json.run_id)] : [])))
    if (ids.size > 1) keysWithTwoRuns += 1
    const [runId] = ids
    const refused = replies.find(reply => reply && reply.status !== 201)
    if (refused) throw new Error(`A create was refused: ${refused.status} ${JSON.stringify(refused.json)}`)
    if (runId === undefined) return // given up: the campaign is over
    acknowledged.push({ plan, runId })
    watch(plan, runId)
  }

  function watch(plan: Plan, runId: string) {
    let isAbortSent = false
    const follow = {
      life,
      signal: over.signal,
      onEvents(follower: Follower) {
        if (follower.protocol === 'ws') live.set(runId, follower.events)
        const last = follower.events.at(-1)
        if (last && isProgress(last)) seen += 1
        if (plan.abortAfter === null || isAbortSent || follower.events.length < plan.abortAfter) return
        isAbortSent = true
        background.push(
          requests.persist('POST', `/api/runs/${runId}/abort`, {}).then(reply => {
            if (reply?.status === 200) aborted.add(runId)
          }),
        )
      },
    }
    const keep = (following: Promise<Follower>) => following.then(follower => void followers.push(follower))
    const main = keep(followByWebSocket(runId, follow)).then(() => {
      ended += 1
      live.delete(runId)
      if (isFeeding && plan.kind !== 'green') background.push(create(nextKind()))
    })
    background.push(main)
    if (plan.index % SOCKET_IO === 1) background.push(keep(followBySocketIo(runId, follow)))
  }

  let fed = 0
  const nextKind = () => options.kinds[fed++ % options.kinds.length]!
  const troubles: string[] = []
  const deciding = new AbortController()
  let kills: KillCount = { kills: 0, doubles: 0 }
  const answers: Evidence['answers'] = []
  try {
    await life.start()
    const gates = decideGates(seed, { life, requests, signal: deciding.signal })
    for (let run = 0; run < options.busy; run++) background.push(create(nextKind()))
    const trouble = options.trouble({
      life,
      ended: () => ended,
      create,
      live,
      requests,
      seen: () => seen,
    })
    kills = await trouble
    isFeeding = false
    log(`${kills.kills} kills survived, ${started} runs created; waiting for their end`)
    const deadline = performance.now() + options.patienceMs
    while (ended < started && performance.now() < deadline) await sleep(20)
    deciding.abort()
    requests.giveUp()
    over.abort()
    answers.push(...(await gates))
  } catch (error) {
    troubles.push(error instanceof Error ? error.message : String(error))
  } finally {
    isFeeding = false
    deciding.abort()
    requests.giveUp()
    over.abort()
  }
  for (const settled of await Promise.allSettled(background))
    if (settled.status === 'rejected') troubles.push(String(settled.reason))
  await life.stop()
  await model.server.close()
  await sleep(1000)
  const left = await processesIn(folder)

  const checked = check({
    stored: readDatabase(path.join(dataDir, 'retrai.db')),
    acknowledged,
    keysWithTwoRuns,
    followers,
    ledger: ledger.entries(),
    asks: model.asks,
    answers,
    aborted,
    least: options.least,
  })
  const broken = [...troubles, ...checked.broken]
  if (left.length > 0) broken.push(`processes left: ${left.join('; ')}`)
  if (requests.failures.length > 0)
    broken.push(`server errors: ${requests.failures.length}, e.g. ${requests.failures[0]}`)
  if (broken.length === 0 || options.isThrowaway)
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  else log(`Kept for a look: ${folder}`)
  return {
    figures: {
      kills: kills.kills,
      'double kills': kills.doubles,
      ...checked.figures,
      'processes left': left.length,
      'server errors': requests.failures.length,
      seconds: Math.round((performance.now() - began) / 1000),
    },
    broken,
  }
}

/** Processes that work in this folder: what commands of runs have left. */
export async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    if (cwd.startsWith(folder)) found.push(`${pid} in ${cwd}`)
  }
  return found
}
