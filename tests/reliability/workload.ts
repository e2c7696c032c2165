// What the runs of a campaign do: projects, and what the model says in each turn, all of it from the seed.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, text, toolUse, turn } from '#lib/testing/messages-script'
import { type MessagesServer, startMessagesServer } from '#lib/testing/messages-server'
import type { Ledger } from './ledger.ts'
import { createRandom, type Random } from './random.ts'

/** `green`: its goal is met before the first model call; cheap, for creates that race with kills. */
export type PlanKind = 'plain' | 'gated' | 'aborted' | 'green'

export interface Plan {
  index: number
  kind: PlanKind
  /** Idempotency-Key of its create. */
  key: string
  cwd: string
  body: Record<string, unknown>
  /** After so many events it is aborted; null: never. */
  abortAfter: number | null
  /** What the model answers when the conversation has so many answers already. */
  answer(turns: number): Answer
}

export interface Workload {
  /** Iterations of a run, least and most. */
  iterations: readonly [number, number]
  /** How long a command works at most. */
  commandMs: number
}

interface Parts {
  seed: number
  folder: string
  ledger: Ledger
  workload: Workload
}

/** Its check, until the agent writes its own: then the one from the start must still decide. */
const CHECK = 'test -f done.txt || { echo "done.txt is missing"; exit 1; }\n'
export const WEAK_CHECK = 'echo "the check of the agent"; exit 0\n'
const PRIORITY: Record<PlanKind, number> = { green: 10, gated: 5, aborted: 5, plain: 0 }
const GOAL = /chaos-run (\d+)/

export async function makePlan(index: number, kind: PlanKind, parts: Parts): Promise<Plan> {
  const { seed, folder, ledger, workload } = parts
  const random = createRandom(seed, 'run', index)
  const cwd = path.join(folder, kind === 'green' ? 'green' : `run-${index}`)
  ledger.watch(cwd)
  await mkdir(path.join(cwd, 'src'), { recursive: true })
  await writeFile(path.join(cwd, 'check.sh'), CHECK)
  await writeFile(path.join(cwd, 'src/notes.txt'), 'first\nneedle\nlast\n')
  if (kind === 'green') await writeFile(path.join(cwd, 'done.txt'), 'done\n')

  const [least, most] = workload.iterations
  // A gate lets go of the slot after each iteration: fewer are enough.
  const iterations = random.between(least, kind === 'gated' ? Math.max(least, most >> 1) : most)
  const turns = turnsOf({ index, iterations, random, ledger, commandMs: workload.commandMs })
  return {
    index,
    kind,
    key: `chaos-${seed}-${index}`,
    cwd,
    abortAfter: kind === 'aborted' ? random.between(5, 30) : null,
    body: {
      goal: `chaos-run ${index}: make the check pass`,
      check_command: 'sh check.sh',
      cwd,
      max_iterations: iterations + 50,
      hitl_enabled: kind === 'gated',
      // What is over in a moment does not wait behind what takes long.
      priority: PRIORITY[kind],
    },
    answer: asked => turns[asked] ?? lastTurn(index, asked, (asked - turns.length) % 2 === 0),
  }
}

interface TurnParts {
  index: number
  iterations: number
  random: Random
  ledger: Ledger
  commandMs: number
}

function turnsOf({ index, iterations, random, ledger, commandMs }: TurnParts): Answer[] {
  const turns: Answer[] = []
  const id = (call: number) => `r${index}t${turns.length}c${call}`
  for (let iteration = 1; iteration <= iterations; iteration++) {
    for (let left = random.between(1, 3); left > 0; left--) {
      const calls = Array.from({ length: random.between(2, 5) }, (_, call) => {
        const dice = random.next()
        if (dice < 0.45) {
          const command = ledger.command(id(call), random.between(0, commandMs), random.chance(0.1))
          return toolUse('bash_exec', { command }, id(call))
        }
        if (dice < 0.6) return toolUse('file_read', { path: 'src/notes.txt' }, id(call))
        if (dice < 0.75) return toolUse('grep_search', { pattern: 'needle' }, id(call))
        const [name, content] = random.chance(0.2)
          ? ['check.sh', WEAK_CHECK]
          : [`src/file-${random.between(1, 5)}.txt`, `written by ${id(call)}\n`]
        return toolUse('file_write', { path: name, content }, id(call))
      })
      turns.push(turn([text(`Iteration ${iteration}: I work.`), ...calls]))
    }
    turns.push(
      random.chance(0.3)
        ? turn([text('I ask for the check.'), toolUse('run_check', {}, id(0))])
        : turn([text('That is all for now.')]),
    )
  }
  return turns
}

/** Meets the goal: again and again, because the call may be interrupted. */
function lastTurn(index: number, asked: number, writes: boolean): Answer {
  if (!writes) return turn([text('It is done.')])
  const id = `r${index}t${asked}c0`
  return turn([text('Now the rest.'), toolUse('file_write', { path: 'done.txt', content: `${id}\n` }, id)])
}

/** One request for an answer, as the model's side saw it. */
export interface Ask {
  run: number
  turn: number
  /** Milliseconds since the epoch, when it came. */
  at: number
}

export interface ScriptedModel {
  server: MessagesServer
  asks: Ask[]
}

/** Answers every run by its plan, a little late, so that a kill may fall into it. */
export async function startModel(
  seed: number,
  plans: Map<number, Plan>,
  thinkMs: number,
): Promise<ScriptedModel> {
  const asks: Ask[] = []
  const server = await startMessagesServer({
    async respond({ firstUserText, assistantMessages, attempt }) {
      const run = Number(GOAL.exec(firstUserText)?.[1])
      asks.push({ run, turn: assistantMessages, at: Date.now() })
      const plan = plans.get(run)
      if (!plan) throw new Error(`no run asks this: ${firstUserText.slice(0, 100)}`)
      const wait = createRandom(seed, 'think', run, assistantMessages, attempt).between(0, thinkMs)
      if (wait > 0) await sleep(wait)
      return plan.answer(assistantMessages)
    },
  })
  return { server, asks }
}
