// A server that is asked to stop while runs work: what is short is finished, what is told stays told, and it is soon over.
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { createEndlessWork, type EndlessWork } from './endless-work.ts'
import { allEvents } from './journal-faults.ts'
import { keepFollowing } from './persistent-client.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import { send } from './send.ts'

// Of the stops, how many meet a command that takes longer than the patience, and how many are asked for twice.
const SIZES = {
  quick: { stops: 3, long: 0, twice: 1 },
  full: { stops: 100, long: 4, twice: 10 },
}
const RUNS = 4
const STOP_WITHIN_MS = 15_000
const SECOND_WITHIN_MS = 1000

type Kind = 'short' | 'long' | 'twice'

export const sigterm: Scenario = {
  name: 'sigterm',
  promise:
    'SIGTERM lets commands shorter than 10 s finish, answers new runs with 503, closes WebSockets with 1012 and ends with 0 within 15 s; a second one ends within 1 s',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const random = createRandom(seed, 'sigterm')
    const broken: string[] = []
    const figures = {
      stops: 0,
      'exit code 0': 0,
      'slowest stop ms': 0,
      'short commands interrupted': 0,
      'creates answered 503': 0,
      'creates refused, closed': 0,
    }
    const codes = new Map<number, number>()
    let slowestSecond = 0
    const cutBefore = new Set<string>()
    let nextSeconds = () => 0.2
    // As a person's server: most tests' servers have no patience.
    const stage = await openStage({ bundle, env: { RETRAI_DRAIN_SECONDS: undefined } })
    const work = await createEndlessWork(stage, { command: () => `sleep ${nextSeconds()}` })
    try {
      await work.start(RUNS)
      const clients = work.runIds.map(runId => keepFollowing({ url: () => stage.server.url, runId }))
      const kinds: Kind[] = random.shuffle([
        ...Array<Kind>(size.long).fill('long'),
        ...Array<Kind>(size.twice).fill('twice'),
        ...Array<Kind>(size.stops - size.long - size.twice).fill('short'),
      ])
      for (const [index, kind] of kinds.entries()) {
        nextSeconds = () => (kind === 'short' ? random.between(1, 15) / 10 : 30)
        await commandsRun(work, random)
        const stopped = await stopOnce(stage, work, kind, cutBefore)
        figures.stops++
        if (stopped.code === 0) figures['exit code 0']++
        codes.set(stopped.closed, (codes.get(stopped.closed) ?? 0) + 1)
        if (kind === 'twice') {
          slowestSecond = Math.max(slowestSecond, stopped.ms)
          if (stopped.ms > SECOND_WITHIN_MS)
            broken.push(`the second SIGTERM took ${stopped.ms} ms to end the server`)
        } else {
          figures['slowest stop ms'] = Math.max(figures['slowest stop ms'], stopped.ms)
          if (stopped.code !== 0) broken.push(`SIGTERM ${index + 1} ended the server with ${stopped.code}`)
          if (stopped.ms > STOP_WITHIN_MS) broken.push(`SIGTERM ${index + 1} took ${stopped.ms} ms`)
          if (stopped.closed !== 1012)
            broken.push(`a WebSocket was closed with ${stopped.closed} instead of 1012`)
          if (stopped.create === 'closed') figures['creates refused, closed']++
          else if (stopped.create === '503') figures['creates answered 503']++
          else broken.push(`a create during SIGTERM ${index + 1} was answered ${stopped.create}`)
        }
        if (kind === 'short') {
          figures['short commands interrupted'] += stopped.cut
          if (stopped.cut > 0) broken.push(`SIGTERM ${index + 1} interrupted ${stopped.cut} short commands`)
        }
        nextSeconds = () => 0.2
        await stage.restart('stop')
        if ((index + 1) % 10 === 0) log(`${index + 1} of ${kinds.length} stops`)
      }
      broken.push(...(await work.finish()))
      await Promise.all(clients.map(client => client.done))
      for (const [index, client] of clients.entries()) {
        broken.push(...client.faults)
        const stored = await allEvents(stage.client, work.runIds[index]!)
        if (stored.length !== client.last()) {
          broken.push(`a client was shown ${client.last()} events, and ${stored.length} are stored`)
        }
      }
      const ledger = await work.ledger()
      return {
        figures: {
          ...figures,
          'slowest second stop ms': slowestSecond,
          'WebSockets closed with 1012': codes.get(1012) ?? 0,
          commands: ledger.size,
        },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

/** Until new commands have begun in this life of the server, and a moment longer. */
async function commandsRun(work: EndlessWork, random: Random) {
  const before = (await work.ledger()).size
  for (let ms = 0; ms < 20_000 && (await work.ledger()).size < before + RUNS; ms += 10) await sleep(10)
  await sleep(random.between(0, 300))
}

async function stopOnce(stage: Stage, work: EndlessWork, kind: Kind, cutBefore: Set<string>) {
  const { server } = stage
  const watcher = new WebSocket(`${server.url.replace(/^http/, 'ws')}/api/ws/${work.runIds[0]}`)
  await new Promise((resolve, reject) => watcher.on('open', resolve).on('error', reject))
  const closed = new Promise<number>(resolve => watcher.on('close', code => resolve(code)))
  const ended = server.ended
  process.kill(server.pid, 'SIGTERM')
  let began = performance.now()
  if (kind === 'twice') {
    // Later than what npm passes on of the same Ctrl-C, by the server's clock: on a busy machine it hears of the first one late.
    await waitFor('the server stops', () => /retrAI is stopping/.test(server.stdout()))
    await sleep(500)
    process.kill(server.pid, 'SIGTERM')
    began = performance.now()
  }
  const create = kind === 'twice' ? 'closed' : await createWhileStopping(stage)
  const { code } = await ended
  const ms = Math.round(performance.now() - began)
  const cut: string[] = []
  for (const [label, entry] of await work.ledger()) {
    if (entry.begun > entry.ended && !cutBefore.has(label)) cut.push(label)
  }
  for (const label of cut) cutBefore.add(label)
  return { code, ms, create, closed: await closed, cut: cut.length }
}

/** What a new run is answered while the server stops; `closed` when it no longer takes connections. */
async function createWhileStopping(stage: Stage): Promise<string> {
  await sleep(20)
  const body = { goal: 'there', check_command: 'true' }
  const answer = await send(stage.server.url, '/api/runs', { body, timeoutMs: 5000 })
  if (answer === null) return 'closed'
  if (answer.status === 503 && !answer.headers.has('retry-after')) return '503 without Retry-After'
  return String(answer.status)
}
