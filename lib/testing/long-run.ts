// A run as long as the budgets are about, made of what a real one is made of and written through the journal.

import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NewEvent } from '#lib/contract/event'
import { NO_GATES } from '#lib/contract/gate-policy'
import { createJournal } from '#lib/events/journal'
import { openStore } from '#lib/store/store'
import { answerEvent, checkEvent, endEvent, gateEvent, newRecord, startEvent, usageEvent } from './records.ts'

const MIGRATIONS = fileURLToPath(new URL('../../prisma/sqlite/migrations', import.meta.url))
const BATCH = 1000
const TURNS_PER_ITERATION = 50
const CALLS_PER_TURN = 3

/** A word that stands in one event of the run only, in its middle: what a filter has to find. */
export const NEEDLE = 'needle-in-the-journal'

export interface WrittenRuns {
  /** Ended, with so many events. */
  long: string
  /** Of the long run: the event with the needle. */
  needleSeq: number
  /** Running, with nobody at work on it: for events that are fed to it. One per measurement. */
  live: string[]
}

/** Writes runs into the database of a server that is not there yet. */
export async function writeRuns(dataDir: string, events: number, liveRuns: number): Promise<WrittenRuns> {
  const store = await openStore(path.join(dataDir, 'retrai.db'), MIGRATIONS)
  try {
    const journal = createJournal({ store })
    const record = newRecord({ goal: 'a long history', maxIterations: 1000 })
    await store.createRun(record)
    const needleSeq = Math.floor(events / 2)
    let seq = 0
    let batch: NewEvent[] = []
    for (const event of history(events, needleSeq)) {
      seq += 1
      batch.push(event)
      if (batch.length < BATCH && seq < events) continue
      await journal.append(record.id, batch)
      batch = []
    }
    const live = await Promise.all(
      Array.from({ length: liveRuns }, async () => {
        const waiting = newRecord({ goal: 'a run that is fed', gatePolicy: { ...NO_GATES, mode: 'each' } })
        await store.createRun(waiting)
        // A gate is left alone by the next server; its answer is fed there, past the loop.
        await journal.append(waiting.id, [startEvent(), gateEvent(waiting.id)])
        return waiting.id
      }),
    )
    return { long: record.id, needleSeq, live }
  } finally {
    await store.close()
  }
}

/** Answers the gate, past the loop. */
export const openingEvents = (runId: string): NewEvent[] => [
  answerEvent(runId),
  { kind: 'step_start', iteration: 1, payload: { node: 'act' } },
]

/** As many events as asked for, the last of them the end. */
function* history(count: number, needleAt: number): Generator<NewEvent> {
  let made = 0
  for (const event of endless()) {
    made += 1
    if (made === count) return yield endEvent({ iterations: event.iteration }, event.iteration)
    if (made === needleAt)
      yield { kind: 'log', iteration: event.iteration, payload: { level: 'info', message: NEEDLE } }
    else yield event
  }
}

function* endless(): Generator<NewEvent> {
  yield startEvent()
  for (let iteration = 1; ; iteration++) {
    let turn = 0
    for (; turn < TURNS_PER_ITERATION; turn++) yield* turnEvents(iteration, turn)
    const failed = 1 + (iteration % 7)
    yield { kind: 'step_start', iteration, payload: { node: 'evaluate' } }
    yield checkEvent(
      {
        output: output(iteration, 30),
        tests: {
          passed: 40 - failed,
          failed,
          skipped: 0,
          total: 40,
          failing: [],
          newly_failing: [],
          fixed: [],
        },
      },
      iteration,
    )
    yield {
      kind: 'iteration_complete',
      iteration,
      payload: {
        iteration,
        tokens: 120 * TURNS_PER_ITERATION,
        cost_usd: 0.05,
        duration_ms: 1000,
        tool_calls: TURNS_PER_ITERATION * CALLS_PER_TURN,
        diff_stat: null,
        total_diff_stat: null,
        tree: null,
      },
    }
  }
}

function* turnEvents(iteration: number, turn: number): Generator<NewEvent> {
  const name = `${iteration}-${turn}`
  const words = `Turn ${turn} of iteration ${iteration}: I look at the module, then at its test, and change what is wrong.`
  yield { kind: 'step_start', iteration, payload: { node: 'plan' } }
  yield {
    kind: 'model_response',
    iteration,
    payload: {
      content: [{ type: 'text', text: words }],
      stop_reason: 'tool_use',
      model: 'claude-sonnet-4-6',
    },
  }
  yield { kind: 'reasoning', iteration, payload: { text: words } }
  yield usageEvent({}, iteration)
  yield { kind: 'step_start', iteration, payload: { node: 'act' } }
  for (let call = 0; call < CALLS_PER_TURN; call++) {
    const call_id = `${name}-${call}`
    const isError = (turn * CALLS_PER_TURN + call) % 40 === 39
    const text = output(turn + call, 1 + ((turn + call * 5) % 12))
    yield {
      kind: 'tool_call',
      iteration,
      payload: { call_id, tool: 'bash_exec', args: { command: `cat src/module-${name}-${call}.ts` } },
    }
    yield {
      kind: 'tool_result',
      iteration,
      payload: {
        call_id,
        tool: 'bash_exec',
        output: text,
        exit_code: isError ? 1 : 0,
        status: isError ? 'error' : 'ok',
        duration_ms: 40 + call,
        truncated: false,
        bytes: text.length,
      },
    }
  }
}

const output = (seed: number, lines: number) =>
  Array.from(
    { length: lines },
    (_, i) => `${seed + i}: export const value${i} = compute(${seed * i}, "${seed}")`,
  ).join('\n')
