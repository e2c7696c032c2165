// Other programs at the database's lock: while the server runs, and when it starts.
import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startRefused, temporaryDirectory } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'
import { createEndlessWork } from './endless-work.ts'
import { keepFollowing } from './persistent-client.ts'
import type { Scenario } from './scenario.ts'

const SIZES = { quick: { seconds: 3 }, full: { seconds: 30 } }
const PROGRAM = fileURLToPath(new URL('./programs/take-lock.mjs', import.meta.url))
const RUNS = 3
const BLOCKED_MS = 250

export const lock: Scenario = {
  name: 'lock',
  promise:
    'Another program that wants the database cannot hold up the server for 250 ms or lose it an event, and a second server is refused with a sentence that names the first',
  async run({ scale, bundle }) {
    const { seconds } = SIZES[scale]
    const broken: string[] = []
    const stage = await openStage({ bundle })
    const work = await createEndlessWork(stage)
    try {
      await work.start(RUNS)
      const clients = work.runIds.map(runId => keepFollowing({ url: () => stage.server.url, runId }))
      // What the machine itself does to an answer, with nobody at the lock.
      const quiet = await slowestAnswer(stage, 2000)
      const before = clients.map(client => client.last())
      const program = takeLock(path.join(stage.server.dataDir, 'retrai.db'), seconds)
      const slowest = await slowestAnswer(stage, seconds * 1000)
      const said = await program.output
      if (slowest > Math.max(BLOCKED_MS, 2 * quiet)) {
        broken.push(`an answer took ${Math.round(slowest)} ms while another program wanted the lock`)
      }
      const meanwhile = clients.reduce((sum, client, n) => sum + client.last() - before[n]!, 0)
      const second = await startRefused({ RETRAI_DATA_DIR: stage.server.dataDir })
      const sentence = sentenceOf(second.stderr)
      if (second.code === 0 || !sentence.includes(String(stage.server.pid))) {
        broken.push(`the second server ended with ${second.code} and said: ${sentence}`)
      }
      broken.push(...(await work.finish()))
      await Promise.all(clients.map(client => client.done))
      for (const client of clients) broken.push(...client.faults)
      const foreign = await startAtForeignLock(broken)
      return {
        figures: {
          'seconds at the lock': seconds,
          'tries to take it': Number(/tried (\d+)/.exec(said)?.[1] ?? Number.NaN),
          'lock taken': said.includes('held') ? 'yes' : 'never',
          'events meanwhile': meanwhile,
          'slowest answer before ms': Math.round(quiet),
          'slowest answer meanwhile ms': Math.round(slowest),
          'a second server is told': sentence,
          'a server at a foreign lock is told': foreign,
        },
        broken,
      }
    } finally {
      await stage.close()
    }
  },
}

const sentenceOf = (stderr: string) => /^retrai: (.+)$/m.exec(stderr)?.[1] ?? stderr.slice(-300)

/** The slowest answer of what must always answer. */
async function slowestAnswer(stage: Stage, ms: number): Promise<number> {
  const until = performance.now() + ms
  let slowest = 0
  while (performance.now() < until) {
    const began = performance.now()
    const answer = await fetch(`${stage.server.url}/healthz`)
    await answer.arrayBuffer()
    slowest = Math.max(slowest, performance.now() - began)
    await sleep(5)
  }
  return slowest
}

function takeLock(file: string, seconds: number) {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, file, String(seconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const output = new Promise<string>(resolve => child.once('close', () => resolve(text)))
  return {
    output,
    async held() {
      while (!text.includes('held') && child.exitCode === null) await sleep(10)
    },
    stop: () => child.kill('SIGKILL'),
  }
}

/** What a server says that starts while some other program holds its database. */
async function startAtForeignLock(broken: string[]): Promise<string> {
  const dataDir = await temporaryDirectory('retrai-data-')
  const program = takeLock(path.join(dataDir, 'retrai.db'), 60)
  try {
    await program.held()
    const refused = await startRefused({ RETRAI_DATA_DIR: dataDir })
    const sentence = sentenceOf(refused.stderr)
    if (refused.code === 0 || !sentence.includes('retrai.db')) {
      broken.push(`a server at a foreign lock ended with ${refused.code} and said: ${sentence}`)
    }
    return sentence
  } finally {
    program.stop()
    await program.output
    await rm(dataDir, { recursive: true, force: true })
  }
}
