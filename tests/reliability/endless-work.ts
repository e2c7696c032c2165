// Runs that work until they are told to come to an end, and a ledger outside the database of what their commands really did.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { isFinal, type Run } from '#lib/contract/runs'
import { bash, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, text, turn } from '#lib/testing/messages-script'
import type { MessagesRequest } from '#lib/testing/messages-server'
import type { Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { allEvents, journalFaults } from './journal-faults.ts'

const LEDGER = '.ledger'

export interface EndlessWork {
  runIds: string[]
  start(runs: number): Promise<void>
  /** Each command that was started, by its label: how often it began and ended. */
  ledger(): Promise<Map<string, { begun: number; ended: number }>>
  /** From now on the model repairs the project; resolves when all runs have ended, with a sentence for each fault. */
  finish(options?: { limitMs?: number }): Promise<string[]>
}

interface WorkOptions {
  /** What the next command does between its two entries in the ledger. */
  command?(number: number): string
  /** Added to the request of each run. */
  request?: Record<string, unknown>
  /** Instead of the next answer, e.g. a fault. */
  answer?(request: MessagesRequest): Answer | null
}

export async function createEndlessWork(
  stage: Stage,
  { command = () => 'sleep 0.05', request = {}, answer = () => null }: WorkOptions = {},
): Promise<EndlessWork> {
  /** One in each project: a sandboxed command writes nowhere else. */
  const ledgers: string[] = []
  const runIds: string[] = []
  let commands = 0
  let isFinishing = false

  function respond(asked: MessagesRequest): Answer {
    forgetOlder(stage.model.requests)
    const instead = answer(asked)
    if (instead) return instead
    if (!isFinishing) {
      const label = `c${++commands}`
      // One short line each: appends of several processes do not mix.
      return turn([
        text('I go on.'),
        bash(`echo "begun ${label}" >> ${LEDGER}; ${command(commands)}; echo "ended ${label}" >> ${LEDGER}`),
      ])
    }
    const isRepaired = JSON.stringify(asked.body.messages).includes('"new_text":"works"')
    return isRepaired ? turn([text('It works.')]) : turn([patch('app.txt', 'broken', 'works')])
  }

  async function ledger() {
    const entries = new Map<string, { begun: number; ended: number }>()
    const written = await Promise.all(ledgers.map(file => readFile(file, 'utf8').catch(() => '')))
    for (const line of written.join('').split('\n')) {
      const [word, label] = line.split(' ')
      if (label === undefined || (word !== 'begun' && word !== 'ended')) continue
      const entry = entries.get(label) ?? { begun: 0, ended: 0 }
      entry[word]++
      entries.set(label, entry)
    }
    return entries
  }

  /** What the journals say of the commands must be what the ledger says of them. */
  async function faultsOf(runs: Run[]): Promise<string[]> {
    const faults: string[] = []
    const done = await ledger()
    for (const [label, { begun }] of done)
      if (begun > 1) faults.push(`command ${label} was run ${begun} times`)
    const told = new Map<string, string>()
    for (const run of runs) {
      const events = await allEvents(stage.client, run.run_id)
      faults.push(...journalFaults(run.run_id, events, true))
      const labels = new Map<string, string>()
      for (const event of events) {
        if (event.kind === 'tool_call') {
          const label = /begun (c\d+)/.exec(JSON.stringify(event.payload.args))?.[1]
          if (label) labels.set(event.payload.call_id, label)
        }
        if (event.kind === 'tool_result') {
          const label = labels.get(event.payload.call_id)
          if (label) told.set(label, event.payload.status)
        }
      }
    }
    for (const [label, { ended }] of done) {
      const status = told.get(label)
      if (status === undefined) faults.push(`command ${label} ran, and no journal says so`)
      if (status === 'ok' && ended !== 1) faults.push(`command ${label} is told as done, and did not end`)
    }
    for (const [label, status] of told) {
      if (status === 'ok' && !done.has(label)) faults.push(`command ${label} is told as done, and never ran`)
    }
    for (const run of runs) {
      if (run.status !== 'achieved') faults.push(`run ${run.run_id} ended ${run.status}: ${run.reason}`)
    }
    return faults
  }

  return {
    runIds,
    async start(runs) {
      for (let n = 0; n < runs; n++) {
        const cwd = await stage.project(SHELL_PROJECT, respond)
        ledgers.push(path.join(cwd, LEDGER))
        const body = { ...SHELL_GOAL, cwd, max_iterations: 1000, ...request }
        runIds.push((await stage.client.start(body)).run_id)
      }
    },
    ledger,
    async finish({ limitMs = 120_000 } = {}) {
      isFinishing = true
      const runs: Run[] = []
      for (const runId of runIds) {
        const isOver = async () => {
          const run = await stage.client.run(runId)
          return isFinal(run.status) ? run : null
        }
        runs.push(await waitFor(`run ${runId} ends`, isOver, { limitMs, everyMs: 100 }))
      }
      return faultsOf(runs)
    },
  }
}

/** Each request carries its whole conversation; in a long test that is more than the memory holds. */
function forgetOlder(requests: MessagesRequest[]) {
  for (let at = requests.length - 65; at >= 0 && Object.keys(requests[at]!.body).length > 0; at--) {
    requests[at]!.body = {}
  }
}
