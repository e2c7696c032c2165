// A server whose runs stand in every condition that a dashboard shows, for stories that look at all of them: what axe says,
// and how they look.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { FINAL_STATUSES } from '#lib/contract/runs'
import { LIMITS } from '#lib/limits'
import { bash, makeProject, patch, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, fault, type Turn, text, toolUse, turn } from '#lib/testing/messages-script'
import { openStage, type Script, type Stage } from '#lib/testing/stage'

/** Two runs work at once; the next waits in line. A model that is out of reach pauses its run at once. */
const ENV = { RETRAI_MAX_PARALLEL: '2', RETRAI_MODEL_PATIENCE_SECONDS: '0' }

/** A server whose usual directory is a project: pages and pictures show that one, not the folder of whoever looks at them. */
export async function openShowroom(): Promise<Stage> {
  const project = await makeProject(inFolder('shopping-cart', SHOP))
  const stage = await openStage({ env: { ...ENV, RETRAI_CWD: path.join(project.path, 'shopping-cart') } })
  return {
    ...stage,
    async close() {
      await stage.close()
      await project.remove()
    },
  }
}

const inFolder = (folder: string, files: Record<string, string>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]))

/** Run ids by condition. */
export interface Showroom {
  achieved: string
  another: string
  exhausted: string
  failed: string
  aborted: string
  gate: string
  asking: string
  paused: string
  live: string
  queued: string
}

/** Puts the runs there, one after the other, so that the list always stands in the same order. */
export async function fillShowroom(stage: Stage): Promise<Showroom> {
  const { client } = stage
  async function start(folder: string, files: Record<string, string>, script: Script, body: object) {
    const cwd = path.join(await stage.project(inFolder(folder, files), script), folder)
    return (await client.start({ cwd, ...body })).run_id
  }
  const ended = async (started: Promise<string>) => {
    const runId = await started
    await client.until(runId, ...FINAL_STATUSES)
    return runId
  }
  const shop = (script: Script, body: object = {}) =>
    start('shopping-cart', SHOP, script, { goal: 'npm-test', max_cost_usd: 2, ...body })
  const shell = (script: Script, body: object = {}) =>
    start('settings', SHELL_PROJECT, script, { ...SHELL_GOAL, ...body })

  const achieved = await ended(shop(REPAIRS))
  const another = await ended(shop([...HALF, turn([text('That is all I found.')]), ...SECOND_HALF]))
  const exhausted = await ended(shop(HALF, { max_iterations: 1 }))
  const failed = await ended(shell([fault.status(401)]))
  const aborted = await shell(HOLDS)
  await client.until(aborted, 'running')
  await client.ok('POST', `/api/runs/${aborted}/abort`)
  await client.until(aborted, 'aborted')
  const gate = await shop(EDITS_A_TEST, { hitl_enabled: true })
  await client.until(gate, 'waiting')
  const asking = await shell([turn([text('I publish it first.'), bash('git push --force origin main')])])
  await client.until(asking, 'waiting')
  const paused = await shell([[fault.status(429, { retryAfter: 7200 })]])
  await client.until(paused, 'paused')
  const live = await shop([...HALF.slice(0, -1), ...HOLDS])
  await client.until(live, 'running')
  await client.until(await shell(HOLDS), 'running')
  const queued = await shell(REPAIRS)
  await client.until(queued, 'queued')
  return { achieved, another, exhausted, failed, aborted, gate, asking, paused, live, queued }
}

const DEMO = path.resolve('lib/demo/project')
const SHOP = Object.fromEntries(
  readdirSync(DEMO, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => {
      const file = path.join(entry.parentPath, entry.name)
      return [path.relative(DEMO, file), readFileSync(file, 'utf8')]
    }),
)

interface DemoTurn {
  text: string
  tool_calls?: { tool: string; args: Record<string, unknown> }[]
}
const { turns } = JSON.parse(readFileSync('lib/models/scripts/demo.json', 'utf8')) as { turns: DemoTurn[] }
const REPAIRS: Turn[] = turns.map(({ text: words, tool_calls: calls = [] }) =>
  turn([text(words), ...calls.map(({ tool, args }) => toolUse(tool, args))]),
)
/** Up to the end of the first iteration. */
const endOfFirst = REPAIRS.findIndex(({ stopReason }) => stopReason === 'end_turn') + 1
const HALF = REPAIRS.slice(0, endOfFirst)
const SECOND_HALF = REPAIRS.slice(endOfFirst)

/** What a person should look at twice: the code is repaired in part, and a test says less than before. */
const EDITS_A_TEST: Answer[] = [
  ...HALF.slice(0, -1),
  turn([
    text('The total below zero is an odd case; the test asks too much.'),
    patch('test/discount.test.mjs', '  assert.equal(applyDiscounts(300, [{ cents: 500 }]), 0)\n', ''),
  ]),
  HALF.at(-1)!,
]

/** Keeps its slot until it is aborted. */
const HOLDS: Answer[] = [
  turn([
    text('I wait for the build to finish.'),
    toolUse('bash_exec', {
      command: 'echo compiling 14 of 61 modules; sleep 1000000',
      timeout_seconds: LIMITS.commandMaxSeconds,
    }),
  ]),
]
