// WebSocket clients that come and go at any moment: each gets the events after the one it names, once, in order, to the end.
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import type { RunEvent } from '#lib/contract/event'
import { followWs } from '#lib/testing/follow-ws'
import { openStage, type Stage } from '#lib/testing/stage'
import { createEndlessWork } from './endless-work.ts'
import { allEvents } from './journal-faults.ts'
import { sendNotes, startWaitingRun } from './note-source.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario } from './scenario.ts'
import { storeNotes } from './stored-runs.ts'

const SIZES = { quick: { reconnects: 60, history: 300 }, full: { reconnects: 1000, history: 3000 } }
const READERS = 8

export const reconnects: Scenario = {
  name: 'reconnects',
  promise: 'A WebSocket that connects again with after=N gets N+1 and all that follows, once and in order',
  async run({ seed, scale, bundle, log }) {
    const size = SIZES[scale]
    const random = createRandom(seed, 'reconnects')
    const broken: string[] = []
    const counts = {
      reconnects: 0,
      'cut during the replay': 0,
      'cut while live': 0,
      'events read': 0,
      gaps: 0,
      duplicates: 0,
    }
    const stage = await openStage({ bundle })
    const work = await createEndlessWork(stage)
    try {
      const noted = [await startWaitingRun(stage), await startWaitingRun(stage)]
      await stage.server.stop()
      for (const runId of noted) await storeNotes(stage.server.dataDir, runId, size.history, 500)
      await stage.restart('stop')
      await work.start(2)
      log(`${size.history} events of history are stored`)
      const runIds = [...work.runIds, ...noted]
      const isOver = () => counts.reconnects >= size.reconnects
      const live = sendNotes(stage, noted, { isEnough: isOver, inFlight: 2, bytes: 500 })

      const reader = async (number: number) => {
        const runId = runIds[number % runIds.length]!
        const isFromStart = () => random.chance(0.2)
        for (let last = 0; !isOver(); ) {
          if (isFromStart()) last = 0
          counts.reconnects++
          if (counts.reconnects % 200 === 0) log(`${counts.reconnects} reconnects`)
          const known = (await stage.client.run(runId)).last_seq
          const read = await readSome(stage, runId, last, random)
          for (const seq of read) {
            if (seq > last + 1) counts.gaps++
            if (seq <= last) counts.duplicates++
            if (seq !== last + 1) broken.push(`run ${runId}: event ${seq} came after ${last}`)
            last = Math.max(last, seq)
          }
          counts['events read'] += read.length
          if (last < known) counts['cut during the replay']++
          else counts['cut while live']++
        }
      }
      await Promise.all([live, ...Array.from({ length: READERS }, (_, number) => reader(number))])

      await refusals(stage, noted[0]!, broken)
      broken.push(...(await work.finish()))
      for (const runId of noted) {
        await stage.client.ok('POST', `/api/runs/${runId}/abort`, { body: {} })
      }
      for (const runId of runIds) await wholeReplay(stage, runId, broken)
      if (counts['events read'] < counts.reconnects * 5) {
        broken.push(`only ${counts['events read']} events were read, which proves nothing`)
      }
      if (counts['cut during the replay'] === 0) broken.push('no connection was cut during the replay')
      return { figures: counts, broken }
    } finally {
      await stage.close()
    }
  },
}

/** Connects, and goes away without a word after some events or some time; the numbers of the events that came. */
async function readSome(stage: Stage, runId: string, after: number, random: Random): Promise<number[]> {
  const enough = random.chance(0.5) ? random.between(1, 400) : Number.POSITIVE_INFINITY
  const read: number[] = []
  const socket = new WebSocket(`${stage.server.url.replace(/^http/, 'ws')}/api/ws/${runId}?after=${after}`)
  const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
  socket.on('error', () => {}) // cut before it was open
  socket.on('message', data => {
    if (read.length >= enough) return socket.terminate()
    read.push((JSON.parse(data.toString()) as RunEvent).seq) // the contract's tests hold its shape
  })
  // From when something came: on a busy machine that takes its time. A run that is up to date may say nothing.
  const first = new Promise<void>(resolve => socket.once('message', () => resolve()))
  await Promise.race([closed, first, sleep(2000)])
  await Promise.race([closed, sleep(random.between(0, 120))])
  socket.terminate()
  await closed
  return read
}

async function refusals(stage: Stage, runId: string, broken: string[]) {
  const ahead = followWs(stage.server.url, runId, { after: 1_000_000 })
  const { code } = await ahead.closed
  if (code !== 4409) broken.push(`after beyond the end was closed with ${code} instead of 4409`)
  const nobody = '00000000-0000-4000-8000-000000000000'
  const unknown = followWs(stage.server.url, nobody)
  const closed = await unknown.closed
  if (closed.code !== 4404) broken.push(`an unknown run was closed with ${closed.code} instead of 4404`)
  const [frame] = unknown.others as { error?: string }[]
  if (frame?.error !== `Run not found: ${nobody}`)
    broken.push(`an unknown run was told ${JSON.stringify(frame)}`)
}

async function wholeReplay(stage: Stage, runId: string, broken: string[]) {
  const follower = followWs(stage.server.url, runId)
  const { code } = await follower.closed
  if (code !== 1000) broken.push(`an ended run was closed with ${code} instead of 1000`)
  const stored = await allEvents(stage.client, runId)
  if (JSON.stringify(follower.events) !== JSON.stringify(stored)) {
    broken.push(
      `run ${runId}: the WebSocket showed ${follower.events.length} events, ${stored.length} are stored`,
    )
  }
}
