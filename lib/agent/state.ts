// The state of a run, folded from its journal. The loop decides from this and nothing else, so a restarted server that folds
// the same journal goes on exactly where the old one stopped, with the same conversation to the letter.

import { addCost } from '#lib/contract/add-cost'
import type { NewEvent, Payload } from '#lib/contract/event'
import type { DiffStat } from '#lib/contract/events/shared'
import { type GatesSkipped, skippedAfterChange, skippedAfterDecision } from '#lib/contract/gate-policy'
import type { ContentBlock, Message } from '#lib/models/model'
import { compactMessages, withoutThinking } from './compact.ts'
import { flagKey } from './flags.ts'
import { isRepeating, LOOP_ENDS, LOOP_TOLD, type RanCall, repeatsOf } from './loop-detection.ts'
import { isBetter, leftAsItWas } from './progress.ts'
import {
  type Briefing,
  cutAnswerText,
  emptyAnswerText,
  feedbackText,
  firstText,
  loopText,
  noteText,
  reflectionText,
  undoneText,
} from './prompt.ts'

/** The tool that ends an attempt. The loop itself answers it, with the goal's check. */
export const RUN_CHECK = 'run_check'

/** Why an answer can end in the middle. */
const CUT_OFF = new Set(['max_tokens', 'model_context_window_exceeded'])

/** Tool calls of one answer that are executed. */
export const MAX_CALLS = 64

/** Model calls in one iteration, after which the goal is checked anyway. */
export const TURNS_PER_ITERATION = 50

export interface Call {
  id: string
  name: string
  args: Record<string, unknown>
  /** What came instead of a JSON object, if so. */
  malformed: string | null
  /** The answer was cut off inside its tool calls, or refused: nothing of it may be executed. */
  cut: boolean
  /** Beyond what one answer may ask for: not executed. */
  isExcess: boolean
  /** Its `tool_call` event is stored: it may have run. */
  started: boolean
  /** What a person said of its command; null while nobody was asked. */
  decision: { isApproved: boolean; note: string | null } | null
}

/** What the loop has to do next. */
export type Phase = 'baseline' | 'between' | 'plan' | 'act' | 'evaluate' | 'gate' | 'undo' | 'ended'

export interface RunState {
  phase: Phase
  /** `run_start` is stored; a run can hold before that. */
  isStarted: boolean
  iteration: number
  /** The next model call begins another iteration. Set by the loop when it decides so. */
  isNewIteration: boolean
  /** Model calls in this iteration. */
  turn: number
  /** The conversation, all that was sent and answered. */
  messages: Message[]
  /** The next user message under construction. */
  next: { results: Map<string, ContentBlock>; texts: string[] }
  /** Tool calls of the last answer that have no result yet, in order. */
  calls: Call[]
  /** Order of the last answer's calls: their results are sent back in it. */
  callOrder: string[]
  base: string | null
  /** Snapshot at the end of the last iteration (or the start). */
  tree: string | null
  lastCheck: Payload<'goal_check'> | null
  /** The first check, before anything was changed. */
  firstCheck: Payload<'goal_check'> | null
  /** Failing tests at the check before the last one. */
  failingBefore: number | null
  lastIteration: Payload<'iteration_complete'> | null
  /** What counted before the last iteration, in case a person has it undone. */
  before: BeforeIteration | null
  /** The snapshots between which a person wants the last iteration undone, and what they say to it. */
  undoing: { from: string; to: string; note: string | null } | null
  lastText: string | null
  gate: Payload<'human_check_required'> | null
  /** The project's settings were accepted at a gate of this run. */
  isConfigAccepted: boolean
  /** Files that other programs obey, and what the run did to them, the newest last. */
  sensitive: Payload<'sensitive_change'>[]
  /** The last iteration whose gate was answered with approve. */
  approvedIteration: number | null
  /** Iterations up to this one open no gate of their own: a person said so at an earlier one. */
  gatesSkipped: GatesSkipped
  /** What the gates that were approved have shown, each flag by what it says. */
  seenFlags: Set<string>
  abortedAtGate: Payload<'human_check_response'> | null
  totalTokens: number
  costUsd: number | null
  iterationTokens: number
  iterationCostUsd: number | null
  iterationCalls: number
  /** What `activeMs` was when the iteration began. */
  iterationStartedMs: number
  /** Size of the conversation at the last model call. */
  contextTokens: number
  /** Answers without text or tool calls, in a row. */
  emptyAnswers: number
  /** Answers in a row whose calls were all wrong: no JSON, no such tool, wrong arguments. */
  unusableAnswers: number
  /** Some call of the last answer was none of these. */
  hasUsableCall: boolean
  /** Milliseconds worked on the run up to its newest step. */
  activeMs: number
  /** The check that a model wrote for this run; null before, and for a goal that has one. */
  writtenCheck: Payload<'check_written'> | null
  /** Checks in a row with the same failures, the newest included. */
  sameFor: number
  /** What each attempt since the last progress was about. */
  attempts: Attempt[]
  /** The agent was asked to reflect, and nothing has moved since. */
  isReflected: boolean
  /** The best measurement so far. */
  best: number | null
  /** The last answers of this iteration that called something, with what it gave. */
  ran: RanCall[]
  /** Of the answer at work: each call and what it gave. */
  ranNow: string[]
  /** The last commands with their output, for a judge. */
  outputs: { command: string; output: string; exitCode: number | null }[]
  /** Another model since the last plan step: an answer that was under way is the old one's. */
  isModelChanged: boolean
}

/** What an iteration changes of the state besides the conversation. */
type BeforeIteration = Pick<
  RunState,
  'lastCheck' | 'failingBefore' | 'best' | 'sameFor' | 'attempts' | 'sensitive'
>

export interface Attempt {
  iteration: number
  /** The model's last words in it. */
  text: string | null
  stat: DiffStat | null
  reason: string
}

const OUTPUTS_KEPT = 20
const OUTPUT_CHARS = 4000

export function initialState(): RunState {
  return {
    phase: 'baseline',
    isStarted: false,
    iteration: 0,
    isNewIteration: false,
    turn: 0,
    messages: [],
    next: { results: new Map(), texts: [] },
    calls: [],
    callOrder: [],
    base: null,
    tree: null,
    lastCheck: null,
    firstCheck: null,
    failingBefore: null,
    lastIteration: null,
    before: null,
    undoing: null,
    lastText: null,
    gate: null,
    isConfigAccepted: false,
    sensitive: [],
    approvedIteration: null,
    gatesSkipped: null,
    seenFlags: new Set(),
    abortedAtGate: null,
    totalTokens: 0,
    costUsd: 0,
    iterationTokens: 0,
    iterationCostUsd: 0,
    iterationCalls: 0,
    iterationStartedMs: 0,
    contextTokens: 0,
    emptyAnswers: 0,
    unusableAnswers: 0,
    hasUsableCall: true,
    activeMs: 0,
    writtenCheck: null,
    sameFor: 0,
    attempts: [],
    isReflected: false,
    best: null,
    ran: [],
    ranNow: [],
    outputs: [],
    isModelChanged: false,
  }
}

export type StampedEvent = NewEvent & { ts: number }

/** Folds a journal. `briefing` is what the first message says besides the baseline check. */
export function foldState(events: Iterable<StampedEvent>, briefing: Briefing): RunState {
  const state = initialState()
  for (const event of events) applyEvent(state, event, briefing)
  return state
}

/** Takes one event into the state, in place. Events must come in order of seq, each once. */
export function applyEvent(state: RunState, event: StampedEvent, briefing: Briefing): void {
  switch (event.kind) {
    case 'run_start':
      state.isStarted = true
      state.base = event.payload.base
      state.tree = event.payload.tree ?? event.payload.base
      return
    case 'step_start':
      state.activeMs = event.payload.active_ms ?? state.activeMs
      if (event.payload.node === 'plan') enterPlan(state, event.iteration)
      return
    case 'model_response':
      takeAnswer(state, event.payload)
      return
    case 'llm_usage': {
      const { payload } = event
      const prompt =
        payload.input_tokens + payload.cache_read_input_tokens + payload.cache_creation_input_tokens
      const tokens = prompt + payload.output_tokens
      // A judge is asked apart from the conversation.
      if ((payload.purpose ?? 'agent') === 'agent') state.contextTokens = tokens
      state.totalTokens += tokens
      state.iterationTokens += tokens
      state.costUsd = addCost(state.costUsd, payload.cost_usd)
      state.iterationCostUsd = addCost(state.iterationCostUsd, payload.cost_usd)
      return
    }
    case 'reasoning':
      state.lastText = event.payload.text
      return
    case 'tool_call': {
      const call = state.calls.find(({ id }) => id === event.payload.call_id)
      if (call) call.started = true
      state.iterationCalls += 1
      return
    }
    case 'tool_result':
      takeResult(state, event.payload)
      return
    case 'goal_check':
      takeCheck(state, event.payload, briefing)
      return
    case 'iteration_complete':
      state.tree = event.payload.tree ?? state.tree
      state.lastIteration = event.payload
      state.phase = 'between'
      endAttempt(state, event.payload, briefing)
      return
    case 'iteration_undone':
      takeUndone(state, event.payload)
      return
    case 'human_check_required':
      state.gate = event.payload
      state.phase = 'gate'
      return
    case 'human_check_response':
      takeDecision(state, event.payload, event.iteration)
      return
    case 'sensitive_change':
      state.sensitive = [...state.sensitive.filter(({ path }) => path !== event.payload.path), event.payload]
      return
    case 'check_written':
      state.writtenCheck = event.payload
      return
    case 'note':
      state.next.texts.push(noteText(event.payload.text))
      return
    case 'config_changed':
      state.gatesSkipped = skippedAfterChange(state.gatesSkipped, event.payload.changes)
      if (event.payload.changes.model_name !== undefined) {
        state.isModelChanged = true
        state.messages = withoutThinking(state.messages)
      }
      return
    case 'compacted':
      state.messages = compactMessages(state.messages, event.payload.before)
      return
    case 'run_end':
      state.phase = 'ended'
      return
    default:
      return
  }
}

function takeDecision(state: RunState, payload: Payload<'human_check_response'>, iteration: number) {
  const { gate } = state
  const isApproved = payload.decision === 'approve'
  state.gate = null
  if (payload.decision === 'undo') {
    state.approvedIteration = iteration
    // Always there with this word; without it there is nothing to put back.
    state.undoing = payload.undo ? { ...payload.undo, note: payload.note } : null
    state.phase = state.undoing ? 'undo' : 'between'
    return
  }
  if (payload.decision === 'abort') {
    state.abortedAtGate = payload
    state.phase = 'between'
    return
  }
  // What a person changed at the gate is not the next iteration's.
  state.tree = payload.tree ?? state.tree
  // What is said to a refused call stands in its result.
  if (payload.note && isApproved) state.next.texts.push(noteText(payload.note))
  if (gate?.command) {
    const call = state.calls.find(({ id }) => id === gate.command?.call_id)
    if (call) call.decision = { isApproved, note: payload.note }
    state.phase = 'act'
  } else if (gate?.config) {
    state.isConfigAccepted = true
    state.phase = 'baseline'
  } else {
    state.approvedIteration = iteration
    state.gatesSkipped = skippedAfterDecision(state.gatesSkipped, payload, iteration)
    for (const flag of gate?.flags ?? []) state.seenFlags.add(flagKey(flag))
    // The gate of a written check comes before the first one.
    state.phase = state.firstCheck === null ? 'baseline' : 'between'
  }
}

/** The directory is as it was, and so is what is known of it. What the agent said and was told stays said. */
function takeUndone(state: RunState, payload: Payload<'iteration_undone'>) {
  const note = state.undoing?.note ?? null
  state.undoing = null
  state.tree = payload.tree ?? state.tree
  if (state.before) Object.assign(state, state.before)
  state.before = null
  state.next.texts.push(undoneText(payload, state.lastCheck))
  if (note) state.next.texts.push(noteText(note))
  state.phase = 'between'
}

/** The message under construction is sent with this step: from here on it is part of the conversation. */
function enterPlan(state: RunState, iteration: number) {
  if (iteration > state.iteration) {
    const { lastCheck, failingBefore, best, sameFor, attempts, sensitive } = state
    state.before = { lastCheck, failingBefore, best, sameFor, attempts: [...attempts], sensitive }
    state.iteration = iteration
    state.turn = 0
    state.iterationTokens = 0
    state.iterationCostUsd = 0
    state.iterationCalls = 0
    state.iterationStartedMs = state.activeMs
    state.lastText = null
    state.ran = []
    state.ranNow = []
  }
  state.phase = 'plan'
  state.isNewIteration = false
  state.isModelChanged = false
  const { results, texts } = state.next
  const blocks: ContentBlock[] = [
    ...state.callOrder.flatMap(id => results.get(id) ?? []),
    ...texts.map(text => ({ type: 'text' as const, text })),
  ]
  state.next = { results: new Map(), texts: [] }
  state.callOrder = []
  if (blocks.length === 0) return
  const last = state.messages.at(-1)
  // After a crash between this step and the answer the last message is still the user's: add to it, never a second one.
  if (last?.role === 'user' && Array.isArray(last.content)) last.content.push(...blocks)
  else state.messages.push({ role: 'user', content: blocks })
}

function takeAnswer(state: RunState, payload: Payload<'model_response'>) {
  state.turn += 1
  // What the API answered is what it takes back, except text blocks without text, which it refuses.
  const content = (payload.content as unknown as ContentBlock[]).filter(
    block => block.type !== 'text' || block.text.trim() !== '',
  )
  const calls = content.filter(block => block.type === 'tool_use')
  const hasText = content.some(block => block.type === 'text')
  if (content.length > 0) state.messages.push({ role: 'assistant', content })
  // Thinking is signed for the model that thought it; another one refuses it.
  if (state.isModelChanged) state.messages = withoutThinking(state.messages)
  state.emptyAnswers = calls.length === 0 && !hasText ? state.emptyAnswers + 1 : 0

  const isCut = CUT_OFF.has(payload.stop_reason ?? '')
  state.calls = calls.map((block, index) => ({
    id: block.id,
    name: block.name,
    args: block.input as Record<string, unknown>,
    malformed: payload.malformed_args?.[block.id] ?? null,
    cut: isCut || payload.stop_reason === 'refusal',
    isExcess: index >= MAX_CALLS,
    started: false,
    decision: null,
  }))
  state.callOrder = calls.map(block => block.id)

  state.hasUsableCall = calls.length === 0 || state.calls.some(waitsForCheck)
  if (state.hasUsableCall) state.unusableAnswers = 0

  if (state.calls.length > 0) state.phase = state.calls.every(waitsForCheck) ? 'evaluate' : 'act'
  else if (state.emptyAnswers > 0) {
    state.next.texts.push(emptyAnswerText())
    state.phase = 'plan'
  } else if (isCut) {
    state.next.texts.push(cutAnswerText())
    state.phase = 'plan'
  } else state.phase = payload.stop_reason === 'pause_turn' ? 'plan' : 'evaluate'
  if (state.phase === 'plan' && state.turn >= TURNS_PER_ITERATION) state.phase = 'evaluate'
}

function takeResult(state: RunState, payload: Payload<'tool_result'>) {
  remember(state, payload)
  state.calls = state.calls.filter(({ id }) => id !== payload.call_id)
  if (!payload.unusable) {
    state.hasUsableCall = true
    state.unusableAnswers = 0
  }
  state.next.results.set(payload.call_id, {
    type: 'tool_result',
    tool_use_id: payload.call_id,
    // The API refuses empty text.
    content: [{ type: 'text', text: payload.output.trim() === '' ? '(no output)' : payload.output }],
    ...(payload.status === 'ok' ? {} : { is_error: true }),
  })
  if (state.phase !== 'act') return
  if (!state.calls.every(waitsForCheck)) return
  state.ran = [...state.ran, { tool: payload.tool, key: JSON.stringify(state.ranNow) }].slice(-RAN_KEPT)
  state.ranNow = []
  if (!state.hasUsableCall) state.unusableAnswers += 1
  const isAsked = state.calls.length > 0
  const repeats = repeatsOf(state.ran)
  if (isRepeating(repeats, LOOP_TOLD)) state.next.texts.push(loopText(state.ran.at(-1)!.tool, repeats))
  const isOver = isAsked || state.turn >= TURNS_PER_ITERATION || repeats >= LOOP_ENDS
  state.phase = isOver ? 'evaluate' : 'plan'
}

/** What a call gave, for those who look for loops, and for a judge. */
function remember(state: RunState, payload: Payload<'tool_result'>) {
  const call = state.calls.find(({ id }) => id === payload.call_id)
  if (!call) return
  state.ranNow.push(keyOf(call, payload.output))
  const { command } = call.args
  if (typeof command !== 'string') return
  const output = payload.output.slice(-OUTPUT_CHARS)
  state.outputs.push({ command, output, exitCode: payload.exit_code })
  if (state.outputs.length > OUTPUTS_KEPT) state.outputs.shift()
}

const RAN_KEPT = 24
const keyOf = (call: Call, output: string) => JSON.stringify([call.name, call.args, output.slice(0, 2000)])

/** Progress is another set of failures, or a better measurement; without it attempts add up, and are held up to the agent once. */
function endAttempt(state: RunState, payload: Payload<'iteration_complete'>, briefing: Briefing) {
  const check = state.lastCheck
  if (!check) return
  if (state.sameFor <= 1) state.attempts = []
  state.attempts.push({
    iteration: payload.iteration,
    text: state.lastText,
    stat: payload.diff_stat,
    reason: check.reason,
  })
  const stalled = state.sameFor - 1
  if (
    briefing.noProgressAfter > 0 &&
    stalled >= briefing.noProgressAfter &&
    !state.isReflected &&
    !check.achieved
  ) {
    state.isReflected = true
    state.next.texts.push(reflectionText(state.attempts, check))
  }
}

function takeCheck(state: RunState, payload: Payload<'goal_check'>, briefing: Briefing) {
  state.failingBefore = state.lastCheck?.tests?.failed ?? null
  state.firstCheck ??= payload
  const isSame = leftAsItWas(state.lastCheck, payload, { best: state.best, calls: state.ran.length })
  state.sameFor = isSame ? state.sameFor + 1 : 1
  if (!isSame) state.isReflected = false
  if (payload.measurement && (state.best === null || isBetter(payload.measurement, state.best)))
    state.best = payload.measurement.value
  state.lastCheck = payload
  if (payload.baseline) {
    state.next.texts.push(firstText(briefing, payload))
    state.phase = 'between'
    return
  }
  // When the model asked for the check, the same text is the result of its call.
  const isAsked = state.calls.some(waitsForCheck)
  if (!payload.achieved && !isAsked) state.next.texts.push(feedbackText(payload))
}

/** A sound request for the check: its result comes with `goal_check`, not from `act`. */
export const waitsForCheck = (call: Call) =>
  call.name === RUN_CHECK && !call.cut && !call.isExcess && call.malformed === null
