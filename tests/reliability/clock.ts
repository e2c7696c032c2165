// The wall clock jumps by an hour, back and forth, all the time: nothing may be early, late or out of order for it.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { EventOf, RunEvent } from '#lib/contract/event'
import { bash, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { fault, text, turn } from '#lib/testing/messages-script'
import { openStage, type Stage } from '#lib/testing/stage'
import { waitFor } from '#lib/testing/wait-for'
import { createEndlessWork } from './endless-work.ts'
import { journalFaults } from './journal-faults.ts'
import { keepFollowing } from './persistent-client.ts'
import type { Scenario } from './scenario.ts'

/** How far off a wait may be: a tenth, and what a machine takes to notice; a busy one takes longer, which a timer here tells. */
const TOLERANCE = 0.1
const NOTICE_MS = 400
/** How long a run holds when the model cannot be reached. */
const PAUSE_MS = 60_000
const JUMPING = { NODE_OPTIONS: `--import ${new URL('./programs/jumping-clock.mjs', import.meta.url).href}` }
const SIZES = {
  quick: { commandSeconds: 2, retryAfterSeconds: 2, minutes: 3 / 60, works: 1 },
  full: { commandSeconds: 10, retryAfterSeconds: 10, minutes: 20 / 60, works: 4 },
}
type Size = (typeof SIZES)['quick']

/**
 * How long something took, in ms. What is seen from outside is seen late, its begin as well as its end: a wait was too short
 * only if even its longest reading is, and too long only if its shortest is.
 */
interface Reading {
  shortest: number
  longest: number
}

/** An event, and when it came by a clock that does not jump. */
interface Seen {
  event: RunEvent
  at: number
}

export const clock: Scenario = {
  name: 'clock',
  promise:
    'With a wall clock that jumps by an hour all the time, order stays, and waits are as long as they say (10 %)',
  async run({ scale, bundle }) {
    const size = SIZES[scale]
    const broken: string[] = []
    const figures: Record<string, number> = {}
    const stage = await openStage({
      bundle,
      env: { ...JUMPING, RETRAI_MAX_PARALLEL: '8' },
    })
    const lag = monitorEventLoopDelay({ resolution: 20 })
    lag.enable()
    const hold: Hold = (name, took, expectedMs) => {
      const { shortest, longest } = typeof took === 'number' ? { shortest: took, longest: took } : took
      const seen =
        Math.round(shortest) === Math.round(longest)
          ? `${Math.round(shortest)} ms`
          : `${Math.round(shortest)} to ${Math.round(longest)} ms`
      figures[`${name}, shortest ms`] = Math.round(shortest)
      figures[`${name}, longest ms`] = Math.round(longest)
      figures[`${name}, expected ms`] = Math.round(expectedMs)
      const noticeMs = NOTICE_MS + lag.max / 1e6
      if (longest < expectedMs * (1 - TOLERANCE) || shortest > expectedMs * (1 + TOLERANCE) + noticeMs) {
        broken.push(`${name}: ${seen} instead of ${Math.round(expectedMs)}`)
      }
    }
    const work = await createEndlessWork(stage, { command: () => 'sleep 0.1' })
    try {
      await work.start(size.works)
      await Promise.all([
        commandTimeout(stage, size, hold, broken),
        retryAfter(stage, size, hold),
        minutes(stage, size, hold, broken),
        scale === 'full' ? pause(bundle, hold) : null,
      ])
      broken.push(...(await work.finish()))
      await isJumping(stage, work.runIds[0]!, broken)
      return { figures, broken }
    } finally {
      await stage.close()
    }
  },
}

type Hold = (name: string, took: number | Reading, expectedMs: number) => void

/** Follows a run to its end; what it did came after `askedAt`. */
async function seenOf(stage: Stage, body: Record<string, unknown>, broken: string[]) {
  const askedAt = performance.now()
  const { run_id: runId } = await stage.client.start(body)
  const seen: Seen[] = []
  const client = keepFollowing({
    url: () => stage.server.url,
    runId,
    onEvent: event => seen.push({ event, at: performance.now() }),
  })
  await client.done
  broken.push(
    ...client.faults,
    ...journalFaults(
      runId,
      seen.map(({ event }) => event),
      true,
    ),
  )
  return { seen, askedAt }
}

const firstOf = (seen: Seen[], kind: RunEvent['kind']) => seen.find(({ event }) => event.kind === kind)

async function commandTimeout(stage: Stage, { commandSeconds }: Size, hold: Hold, broken: string[]) {
  const call = bash('sleep 60')
  const json = JSON.stringify({ command: 'sleep 60', timeout_seconds: commandSeconds })
  const asked: number[] = []
  const cwd = await stage.project(SHELL_PROJECT, () => {
    asked.push(performance.now())
    return asked.length === 1 ? turn([{ ...call, json }]) : turn([text('That took too long.')])
  })
  const { seen, askedAt } = await seenOf(stage, { ...SHELL_GOAL, cwd, max_iterations: 1 }, broken)
  const began = firstOf(seen, 'tool_call')
  const ended = firstOf(seen, 'tool_result')
  const first = seen[0]
  const last = seen.at(-1)
  if (!began || !ended || !first || !last || asked.length < 2)
    return void broken.push('the command with a timeout was not run')
  // The model asked for it after its first turn, and is asked again when it has ended.
  const timeout = { shortest: ended.at - began.at, longest: asked[1]! - asked[0]! }
  hold('timeout of a command', timeout, commandSeconds * 1000)
  const { duration_ms: told } = (ended.event as EventOf<'tool_result'>).payload
  hold('duration of that command, as told', told, commandSeconds * 1000)
  // As told it lies between what was seen of it and all that passed since it was asked for.
  const { duration_ms: whole } = (last.event as EventOf<'run_end'>).payload
  hold(
    'duration of the run, as told',
    whole,
    Math.min(Math.max(whole, last.at - first.at), last.at - askedAt),
  )
}

async function retryAfter(stage: Stage, { retryAfterSeconds }: Size, hold: Hold) {
  const asked: number[] = []
  const cwd = await stage.project(SHELL_PROJECT, ({ attempt }) => {
    asked.push(performance.now())
    return attempt === 1 ? fault.status(429, { retryAfter: retryAfterSeconds }) : turn([text('Here I am.')])
  })
  await stage.client.start({ ...SHELL_GOAL, cwd, max_iterations: 1 })
  await waitFor('the model is asked again', () => asked.length >= 2, { limitMs: 120_000 })
  hold('wait that retry-after asks for', asked[1]! - asked[0]!, retryAfterSeconds * 1000)
}

async function minutes(stage: Stage, { minutes: budget }: Size, hold: Hold, broken: string[]) {
  const cwd = await stage.project(SHELL_PROJECT, () => turn([bash('sleep 0.1')]))
  const { seen, askedAt } = await seenOf(
    stage,
    { ...SHELL_GOAL, cwd, max_iterations: 1000, max_minutes: budget },
    broken,
  )
  const end = seen.at(-1)?.event as EventOf<'run_end'>
  if (end.payload.outcome !== 'time')
    broken.push(`the run with a budget of time ended as ${end.payload.outcome}`)
  // When it is spent the run takes a last verdict, which is not part of the wait.
  const verdict = seen.findLast(({ event }) => event.kind === 'step_start')
  const { at } = verdict ?? seen.at(-1)!
  hold('budget of minutes', { shortest: at - seen[0]!.at, longest: at - askedAt }, budget * 60_000)
}

/** A run that holds because the model cannot be reached: on a server that soon gives up asking. */
async function pause(bundle: string | undefined, hold: Hold) {
  const stage = await openStage({ bundle, env: { ...JUMPING, RETRAI_MODEL_PATIENCE_SECONDS: '1' } })
  try {
    const asked: number[] = []
    let isBack = false
    const cwd = await stage.project(SHELL_PROJECT, () => {
      asked.push(performance.now())
      return isBack ? turn([text('I am back.')]) : fault.status(529)
    })
    const { run_id: runId } = await stage.client.start({ ...SHELL_GOAL, cwd, max_iterations: 1 })
    await stage.client.until(runId, 'paused')
    const before = asked.length
    const pausedAt = performance.now()
    isBack = true
    await waitFor('the run goes on', () => asked.length > before, { limitMs: 180_000 })
    hold('pause', asked.at(-1)! - pausedAt, PAUSE_MS)
  } finally {
    await stage.close()
  }
}

/** That the clock really jumped: else nothing was tested. */
async function isJumping(stage: Stage, runId: string, broken: string[]) {
  const events = await stage.client.events(runId, '?limit=1000')
  const jumps = events.filter((event, index) => index > 0 && event.ts < events[index - 1]!.ts - 60).length
  if (jumps < 3) broken.push(`the clock was seen to jump back only ${jumps} times`)
}
