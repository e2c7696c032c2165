// Gates over kills: an open gate stays open until a person decides, and two people who decide at once get one truth.
import { setTimeout as sleep } from 'node:timers/promises'
import { isFinal } from '#lib/contract/runs'
import { bash, repairShellAtSecond, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { allEvents, journalFaults } from './journal-faults.ts'
import { createRandom, type Random } from './random.ts'
import type { Scenario, ScenarioOptions } from './scenario.ts'
import { type Sent, sendUntilAnswered } from './send.ts'

const SIZES = {
  quick: { open: 3, decisions: 9, quietMs: 300, kills: false },
  full: { open: 20, decisions: 200, quietMs: 5000, kills: true },
}
const WAIT = { limitMs: 180_000, everyMs: 100 }

type Decide = 'approve' | 'abort'

export const gates: Scenario = {
  name: 'gates',
  promise:
    'An open gate survives a kill undecided and goes on when approved; of decisions that race, over kills too, exactly one counts',
  async run(options) {
    const broken: string[] = []
    const stage = await openStage({ bundle: options.bundle, env: { RETRAI_MAX_PARALLEL: '8' } })
    try {
      const open = await openGatesOverKill(stage, options, broken)
      const raced = await racedDecisions(stage, options, broken)
      return { figures: { ...open, ...raced }, broken }
    } finally {
      await stage.close()
    }
  },
}

async function openGatesOverKill(stage: Stage, { scale, log }: ScenarioOptions, broken: string[]) {
  const size = SIZES[scale]
  const runIds = await Promise.all(
    Array.from({ length: size.open }, async () => {
      const cwd = await stage.project(SHELL_PROJECT, repairShellAtSecond)
      const { run_id } = await stage.client.start({ ...SHELL_GOAL, cwd, hitl_enabled: true })
      return run_id
    }),
  )
  await waitFor('all gates are open', async () => (await stage.client.gates()).length === size.open, WAIT)
  const before = await stage.client.gates()
  log(`${before.length} gates are open; the server is killed`)
  await stage.restart('kill9')
  // Nothing to wait for: the promise is that nothing happens.
  await sleep(size.quietMs)
  const after = await stage.client.gates()
  const ids = (list: typeof before) => list.map(gate => gate.gate_id).sort()
  if (String(ids(before)) !== String(ids(after))) {
    broken.push(`${before.length} gates were open before the kill, ${after.length} after it`)
  }
  let decided = 0
  for (const runId of runIds) {
    const responses = await stage.client.events(runId, '?kind=human_check_response')
    decided += responses.length
  }
  if (decided > 0) broken.push(`${decided} gates were decided by the restart`)
  for (const gate of after) await stage.client.resume(gate.run_id, { decision: 'approve' })
  let continued = 0
  for (const runId of runIds) {
    const run = await waitFor(`run ${runId} ends`, () => finalRun(stage, runId), WAIT)
    if (run.status === 'achieved') continued++
    else broken.push(`run ${runId} was approved and ended ${run.status}: ${run.reason}`)
    broken.push(...journalFaults(runId, await allEvents(stage.client, runId), true))
  }
  return {
    'gates open after the kill': after.length,
    'decided by the restart': decided,
    'continued when approved': continued,
  }
}

async function finalRun(stage: Stage, runId: string) {
  const run = await stage.client.run(runId)
  return isFinal(run.status) ? run : null
}

interface Asked {
  gateId: string
  runId: string
  asked: Decide[]
  answers: (Sent & { tries: number })[]
}

async function racedDecisions(stage: Stage, options: ScenarioOptions, broken: string[]) {
  const { scale, seed, log } = options
  const size = SIZES[scale]
  const random = createRandom(seed, 'gates')
  // Each iteration is one look at the project, and never enough: one gate after the other opens.
  const cwd = await stage.project(SHELL_PROJECT, ({ assistantMessages }) =>
    assistantMessages % 2 === 0 ? turn([bash('cat app.txt')]) : turn([text('I have looked at it.')]),
  )
  const runs = new Set<string>()
  const startRun = async () => {
    const body = { ...SHELL_GOAL, cwd, hitl_enabled: true, max_iterations: 1000 }
    runs.add((await stage.client.start(body)).run_id)
  }
  const parallel = Math.min(8, size.decisions)
  for (let n = 0; n < parallel; n++) await startRun()

  const decided: Asked[] = []
  let kills = 0
  while (decided.length < size.decisions) {
    const wanted = Math.min(random.between(2, parallel), size.decisions - decided.length)
    const open = await waitFor(
      `${wanted} gates are open`,
      async () => {
        const list = await stage.client.gates()
        return list.length >= wanted ? list.slice(0, wanted) : null
      },
      WAIT,
    )
    const races = open.map(gate => race(stage, gate.run_id, gate.gate_id, random))
    if (size.kills) {
      await sleep(random.between(0, 200))
      await stage.restart('kill9')
      kills++
    }
    const asked = await Promise.all(races)
    decided.push(...asked)
    for (const { answers } of asked) {
      const isAborted = answers.some(({ status, json }) => status === 200 && decisionOf(json) === 'abort')
      if (isAborted) await startRun()
    }
    log(`${decided.length} of ${size.decisions} gates decided, ${kills} kills`)
  }

  const events = new Map<string, Awaited<ReturnType<typeof allEvents>>>()
  for (const runId of runs) events.set(runId, await allEvents(stage.client, runId))
  let twoAnswers = 0
  let refused = 0
  let retried = 0
  for (const gate of decided) {
    const responses = events
      .get(gate.runId)!
      .filter(event => event.kind === 'human_check_response' && event.payload.gate_id === gate.gateId)
    const stored = responses.map(event => (event.payload as { decision: Decide }).decision)
    if (stored.length !== 1) broken.push(`gate ${gate.gateId} has ${stored.length} answers in the journal`)
    const granted = new Set(
      gate.answers.filter(({ status }) => status < 300).map(({ json }) => decisionOf(json)),
    )
    if (granted.size > 1 || stored.length > 1) twoAnswers++
    if (granted.size === 0) broken.push(`nobody was told that gate ${gate.gateId} is decided`)
    for (const [index, { status, tries }] of gate.answers.entries()) {
      const expected = gate.asked[index] === stored[0] ? 200 : 409
      if (status !== expected) {
        broken.push(
          `gate ${gate.gateId}: ${gate.asked[index]} was answered ${status}, but it is ${stored[0]}`,
        )
      }
      if (status === 409) refused++
      if (tries > 1) retried++
    }
    if ([...granted].some(decision => decision !== stored[0])) {
      broken.push(`gate ${gate.gateId}: the answer says ${[...granted]}, the journal ${stored}`)
    }
  }
  const rows = await stage.client.ok<{ gate_id: string; decision: Decide | null }[]>('GET', '/api/gates')
  for (const row of rows) {
    const gate = decided.find(({ gateId }) => gateId === row.gate_id)
    if (gate && row.decision === null) broken.push(`gate ${row.gate_id} is answered and still open`)
  }
  for (const [runId, journal] of events) broken.push(...journalFaults(runId, journal, false))
  for (const runId of runs)
    await sendUntilAnswered(() => stage.server.url, `/api/runs/${runId}/abort`, { body: {} })
  return {
    'decisions raced': decided.length,
    'gates with two answers': twoAnswers,
    'opposite decisions refused': refused,
    'asked again after a lost answer': retried,
    'kills during decisions': kills,
  }
}

/** Three people decide at once, and ask again when they hear nothing. */
async function race(stage: Stage, runId: string, gateId: string, random: Random): Promise<Asked> {
  const asked = random.shuffle<Decide>(['approve', 'approve', random.pick(['approve', 'abort'] as const)])
  const answers = await Promise.all(
    asked.map(decision =>
      sendUntilAnswered(() => stage.server.url, `/api/runs/${runId}/resume`, {
        body: { decision, gate_id: gateId },
      }),
    ),
  )
  return { gateId, runId, asked, answers }
}

const decisionOf = (json: unknown) => (json as { decision: Decide }).decision // held by the answer's schema elsewhere
