// What the model says in one run: the same work in three iterations, with the faults that this run meets at random places.
import type { Usage } from '#lib/models/model'
import { bash, patch, runCheck } from '#lib/testing/make-project'
import { type Answer, type Block, fault, text, turn } from '#lib/testing/messages-script'
import { BEFORE, DRIP, EMPTY, type Forbidden, INSTEAD, REFUSAL, SAME_IDS } from './model-faults-kinds.ts'
import type { Random } from './random.ts'

export interface Reply {
  /** The fault it is; null: a healthy answer. */
  kind: string | null
  /** Made when it is sent: some faults name a time. */
  answer(): Answer
  /** What a complete answer costs; null: it is none, and costs nothing. */
  usage: Usage | null
}

/** The replies to each request, by the number of answers that the conversation has. */
export type Plan = Reply[][]

/** Bad answers that may come one after the other: with a third the run would end, as it should. */
const BAD_IN_A_ROW = 2
const BEFORE_ONE_ANSWER = 3

interface Step {
  blocks: Block[]
  /** Faults that come before it, in their order. */
  instead: string[]
  before: string[]
  inPlace: string | null
}

/** The first call of every run has this id, so that whoever uses it again does what an endpoint must not. */
const FIRST_ID = 'call_1'

/** What is done: `mark` gives the command that writes a line to the ledger. */
function work(mark: (line: string) => string): Block[][] {
  const note = (line: number) => bash(mark(String(line)))
  return [
    [text('I look around.'), { ...note(1), id: FIRST_ID }],
    [note(2)],
    [text('That is what there is.')],
    [text('Two more looks.'), note(3), note(4)],
    [note(5)],
    [text('Now I know.')],
    [note(6), patch('app.txt', 'broken', 'works')],
    [runCheck()],
  ]
}

export function planOf(faults: string[], random: Random, mark: (line: string) => string): Plan {
  const steps = work(mark).map((blocks): Step => ({ blocks, instead: [], before: [], inPlace: null }))
  const rest = Object.keys(BEFORE)
  for (const kind of faults) {
    const place = (one: string) => random.shuffle(steps).find(step => put(step, one))
    // Where a run has no more room for a kind it meets another one.
    if (!place(kind)) while (!place(random.pick(rest)));
  }
  const forbidden: Forbidden = name => mark(`forbidden-${name}`)
  let number = 0
  const priced = (kind: string | null, make: () => Answer): Reply => {
    number += 1
    const usage = usageOf(number)
    return { kind, answer: () => withUsage(make(), usage), usage }
  }

  return steps.flatMap(step => [
    ...step.instead.map(kind => [priced(kind, () => INSTEAD[kind]!(random, forbidden))]),
    [
      ...step.before.map(kind =>
        kind === EMPTY
          ? priced(kind, () => turn([]))
          : { kind, answer: () => BEFORE[kind]!(random, forbidden), usage: null },
      ),
      priced(step.inPlace, () => rightAnswer(step)),
    ],
  ])
}

/** Gives a step a fault, if it can take it. */
function put(step: Step, kind: string): boolean {
  const isBad = kind === EMPTY || Object.hasOwn(INSTEAD, kind)
  const bad = step.instead.length + step.before.filter(one => one === EMPTY).length
  if (isBad && bad >= BAD_IN_A_ROW) return false
  if (Object.hasOwn(INSTEAD, kind)) return step.instead.push(kind) > 0
  if (kind === EMPTY || Object.hasOwn(BEFORE, kind)) {
    return step.before.length < BEFORE_ONE_ANSWER && step.before.push(kind) > 0
  }
  const ids = step.blocks.flatMap(block => (block.type === 'tool_use' ? [block.id] : []))
  const repeats = ids.length > 0 && !ids.includes(FIRST_ID)
  const fits = kind === REFUSAL ? ids.length === 0 : kind === SAME_IDS ? repeats : true
  if (!fits || step.inPlace !== null) return false
  step.inPlace = kind
  return true
}

function rightAnswer({ blocks, inPlace }: Step): Answer {
  switch (inPlace) {
    case REFUSAL:
      return turn([text('I cannot help with that.')], { stopReason: 'refusal' })
    case SAME_IDS:
      return turn(blocks.map(block => (block.type === 'tool_use' ? { ...block, id: FIRST_ID } : block)))
    case DRIP:
      return fault.drip(40, turn(blocks))
    default:
      return turn(blocks)
  }
}

/** Figures that tell the answers apart, so that one too many or too few is seen in any sum. */
const usageOf = (number: number): Usage => ({
  input_tokens: 100 + number,
  output_tokens: 1000 + 7 * number,
  cache_read_input_tokens: 10_000 + number,
  cache_creation_input_tokens: 50 + number,
})

function withUsage(answer: Answer, usage: Usage): Answer {
  if (answer.kind === 'turn') return { ...answer, usage }
  return answer.fault === 'drip' ? { ...answer, turn: { ...answer.turn, usage } } : answer
}
