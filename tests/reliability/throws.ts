// Errors that nobody expects, thrown in the middle of the server's own work: at once, in a timer, or as a promise that nobody
// holds. The run or the request they belong to fails and says so; everything else goes on.
import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunEvent } from '#lib/contract/event'
import { isFinal, type Run } from '#lib/contract/runs'
import { bash, patch, repairShell, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, text, toolUse, turn } from '#lib/testing/messages-script'
import { temporaryDirectory } from '#lib/testing/server'
import { openStage, type Stage } from '#lib/testing/stage'
import { buildBundle } from './build-bundle.ts'
import { allEvents, journalFaults } from './journal-faults.ts'
import { createRandom } from './random.ts'
import type { Scenario } from './scenario.ts'
import { send } from './send.ts'

const HOW = ['at once', 'in a timer', 'rejected'] as const
/** Where runs and requests come by; those of the start are not among them, as nothing runs there that could go on. */
const POINTS = [
  'before-run-start',
  'before-check',
  'after-check',
  'before-swap',
  'swap-stored',
  'after-swap',
  'before-put-back',
  'after-put-back',
  'before-model',
  'after-model',
  'after-model-answer',
  'before-tool',
  'after-tool',
  'after-tool-result',
  'before-gate',
  'after-gate',
  'before-create',
  'before-decision',
  'before-abort',
  'before-commit',
  'inside-commit',
]
const SIZES = { quick: { sites: 6 }, full: { sites: 50 } }
const LIMIT_MS = 30_000

// In the place of the crash: what is to be thrown, and where, stands in a file that the throw takes away.
const PATCH = {
  file: 'tests/reliability/crash-here.ts',
  from: "  if (name !== wanted || !state.isArmed) return\n  state.left -= 1\n  if (state.left === 0) process.kill(process.pid, 'SIGKILL')",
  to: `  const fs = process.getBuiltinModule('node:fs')
  const file = process.env.THROW_FILE ?? ''
  if (!fs.existsSync(file)) return
  const [point, how] = fs.readFileSync(file, 'utf8').split('\\n')
  if (point !== name) return
  fs.rmSync(file)
  const fault = new Error('thrown at ' + name)
  if (how === 'in a timer') setTimeout(() => { throw fault })
  else if (how === 'rejected') void Promise.reject(fault)
  else throw fault`,
}

/** Makes the check easier, which does not count; waits at its gate, and repairs what is to be repaired. */
const STORY: Answer[] = [
  turn([text('The check asks too much.'), toolUse('file_write', { path: 'check.sh', content: 'exit 0\n' })]),
  turn([text('That should do.')]),
  turn([text('Then properly.'), patch('app.txt', 'broken', 'works')]),
  turn([text('app.txt says works now.')]),
]

export const throws: Scenario = {
  name: 'throws',
  promise:
    'An error thrown anywhere in the work for a run or a request fails that one, visibly, and nothing else',
  async run({ seed, scale, log }) {
    const broken: string[] = []
    const random = createRandom(seed, 'throws')
    const all = POINTS.flatMap(point => HOW.map(how => ({ point, how })))
    const sites = random.shuffle(all).slice(0, SIZES[scale].sites)
    const folder = await temporaryDirectory('retrai-throws-')
    const file = path.join(folder, 'throw')
    const stage = await openStage({ bundle: await buildBundle('throws', [PATCH]), env: { THROW_FILE: file } })
    const counts = { throws: 0, visible: 0, 'only in the log': 0, 'process exits': 0, 'sites not passed': 0 }
    try {
      for (const [index, { point, how }] of sites.entries()) {
        const logged = stage.server.stderr().length
        await writeFile(file, `${point}\n${how}`)
        const seen = await workPast(stage, point)
        const where = `${point}, ${how}`
        if (existsSync(file)) {
          await rm(file)
          counts['sites not passed']++
          broken.push(`${where}: no run came by`)
          continue
        }
        counts.throws++
        if (await hasEnded(stage)) {
          counts['process exits']++
          broken.push(`${where}: the server ended`)
          await stage.restart('kill9')
          continue
        }
        if (seen.isVisible) counts.visible++
        // Thrown when the request was answered already, or the run had let go: it takes nothing with it.
        else if (stage.server.stderr().slice(logged).includes(`thrown at ${point}`))
          counts['only in the log']++
        else broken.push(`${where}: nobody was told`)
        broken.push(...seen.faults.map(fault => `${where}: ${fault}`))
        if ((index + 1) % 10 === 0) log(`${index + 1} of ${sites.length} throws`)
      }
      const cwd = await stage.project(SHELL_PROJECT, repairShell)
      const run = await stage.client.finish({ ...SHELL_GOAL, cwd })
      if (run.status !== 'achieved')
        broken.push(`a run after all the throws ended ${run.status}: ${run.reason}`)
      return { figures: counts, broken }
    } finally {
      await stage.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
}

const hasEnded = (stage: Stage) =>
  Promise.race([stage.server.ended.then(() => true), sleep(100).then(() => false)])

/** A run with everything in it, to its end; whether a request or the run said that something was thrown. */
async function workPast(stage: Stage, point: string): Promise<{ isVisible: boolean; faults: string[] }> {
  const isAbort = point === 'before-abort'
  const cwd = await stage.project(SHELL_PROJECT, isAbort ? [turn([bash('sleep 20')])] : STORY)
  let isVisible = false
  const ask = async (target: string, body: unknown) => {
    const answer = await send(stage.server.url, target, { body, timeoutMs: 5000 })
    if (answer?.status === 500) isVisible = true
    return answer
  }
  const create = async () => {
    const answer = await ask('/api/runs', { ...SHELL_GOAL, cwd, hitl_enabled: true, protect: ['check.sh'] })
    return answer?.status === 201 ? (answer.json as { run_id: string }).run_id : null
  }
  const runId = (await create()) ?? (await create())
  if (runId === null) return { isVisible, faults: ['no run could be started'] }
  const deadline = performance.now() + LIMIT_MS
  for (;;) {
    const answer = await send(stage.server.url, `/api/runs/${runId}`, { method: 'GET' })
    if (answer === null) return { isVisible, faults: [] } // the caller sees that the server has ended
    const run = answer.json as Run
    if (isFinal(run.status)) break
    if (isAbort && run.iteration > 0) await ask(`/api/runs/${runId}/abort`, {})
    else if (run.status === 'waiting') await ask(`/api/runs/${runId}/resume`, { decision: 'approve' })
    if (performance.now() > deadline) return { isVisible, faults: [`the run is still ${run.status}`] }
    await sleep(20)
  }
  const events: RunEvent[] = await allEvents(stage.client, runId)
  const isTold = events.some(event => event.kind === 'error' && event.payload.message.includes('thrown at'))
  return { isVisible: isVisible || isTold, faults: journalFaults(runId, events, true) }
}
