// The loop with literals: a model that answers from a list, checks from a list, tools of three lines, and a journal that is an
// array. Everything that happens is in `journal`; every request is held against what the Messages API accepts.
import { setImmediate as tick } from 'node:timers/promises'
import { z } from 'zod'
import type { AgentDeps, Limits } from '#lib/agent/deps'
import { runAgent, type Stop } from '#lib/agent/loop'
import type { Briefing } from '#lib/agent/prompt'
import { applyEvent, foldState, type StampedEvent } from '#lib/agent/state'
import type { NewEphemeral, NewEvent } from '#lib/contract/event'
import type { AskedConfig } from '#lib/contract/events/human-check-required'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import type { DiffStat } from '#lib/contract/events/shared'
import { defineGoal } from '#lib/goals/goal'
import type { ContentBlock, Model, ModelRequest, ModelResponse } from '#lib/models/model'
import type { Answer } from '#lib/policy/decide'
import { runCheck } from '#lib/tools/run-check'
import { defineTool, type Tool } from '#lib/tools/tool'
import type { Verdict } from '#lib/verdict/judge'
import type { SensitiveChange } from '#lib/workspace/sensitive-watch'
import type { Workspace } from '#lib/workspace/workspace'
import { refusalOf } from './messages-validation.ts'
import { startEvent } from './records.ts'

export interface StoryCall {
  tool: string
  args?: Record<string, unknown>
  /** What came instead of a JSON object. */
  malformed?: string
}

/** One answer of the model, or what the call rejects with. */
export interface StoryTurn {
  text?: string
  calls?: StoryCall[]
  stop?: string
  /** Tokens of the prompt. */
  input?: number
  costUsd?: number | null
  error?: Error
  /** Happens while the model answers. */
  meanwhile?(story: Story): unknown
}

export interface StoryOptions {
  /** By the number of answers the journal already has. After the last one the model has nothing to add. */
  turns?: StoryTurn[]
  /** The verdicts, the baseline first; the last one repeats. */
  checks?: Partial<Verdict>[]
  limits?: Partial<Limits>
  tools?: Tool[]
  contextWindow?: number
  /** What an earlier process left. */
  journal?: StampedEvent[]
  briefing?: Partial<Briefing>
  /** Seconds that pass with each commit. */
  secondsPerCommit?: number
  answerTo?(command: string): Answer
  askedConfig?: AskedConfig
  sensitive?(): SensitiveChange[]
  /** What each iteration changed, by number; the last one repeats. */
  diffs?: DiffStat['by_file'][]
  /** Default true. */
  hasSnapshots?: boolean
  /** Files that undo puts back. */
  putBack?: string[]
  /** Called when an iteration is undone. */
  onRestore?(): unknown
}

export type Story = ReturnType<typeof createStory>
type Request = Pick<ModelRequest, 'system' | 'tools' | 'messages'>

const goal = defineGoal({
  name: 'literal',
  title: 'Literal',
  description: 'Judged by the list of the test',
  needsCommand: false,
  protect: async () => [],
  prompt: () => 'Make it so.',
  check: () => Promise.reject(new Error('the loop asks judge(), not the goal')),
})

const VERDICT: Verdict = {
  achieved: false,
  reason: 'not yet',
  command: 'make test',
  exit_code: 1,
  duration_ms: 1,
  output: 'one failure',
  truncated: false,
  bytes: 11,
  tests: null,
  flags: [],
  broken: false,
  tree: 'tree',
}

export function createStory(options: StoryOptions = {}) {
  const { turns = [], checks = [{}], secondsPerCommit = 1, diffs = [], hasSnapshots = true } = options
  const briefing: Briefing = {
    goal: 'make it so',
    goalPrompt: goal.prompt({
      text: '',
      checkCommand: null,
      successCondition: null,
      timeoutMs: 1,
      settings: {},
    }),
    cwd: '/project',
    instructions: null,
    isSandboxed: true,
    noProgressAfter: 0,
    ...options.briefing,
  }
  const journal: StampedEvent[] = []
  /** Length of the journal after each commit. */
  const commits: number[] = []
  const requests: Request[] = []
  const published: NewEphemeral[] = []
  /** `touch a`, `end touch a`, … as the tools ran. */
  const ran: string[] = []
  /** `from → to`, as iterations were undone. */
  const restored: string[] = []
  const limits: Limits = {
    maxIterations: 20,
    maxCostUsd: null,
    maxTokens: null,
    maxMinutes: null,
    gates: 'off',
    ...options.limits,
  }
  const controller = new AbortController()
  const draining = new AbortController()
  let seconds = 1_780_000_000
  /** When the loop was last told to drive, or the newest step began. */
  let drivenSince = seconds
  const state = foldState([], briefing)
  const take = (event: StampedEvent) => {
    seconds = Math.max(seconds, event.ts)
    journal.push(event)
    applyEvent(state, event, briefing)
    if (event.kind === 'step_start') drivenSince = seconds
  }

  async function emit(events: NewEvent[]): Promise<void> {
    await tick()
    seconds += secondsPerCommit
    // As the store does it: nobody holds on to what was stored.
    for (const event of structuredClone(events)) take({ ...event, ts: seconds })
    commits.push(journal.length)
  }

  /** Answers that are given to the letter, by number. */
  const verbatim = new Map<number, ContentBlock[]>()
  const count = (kind: string) => journal.filter(event => event.kind === kind).length

  async function complete(request: ModelRequest): Promise<ModelResponse> {
    const { system, tools, messages } = request
    requests.push(structuredClone({ system, tools, messages }))
    // Without the tools, whose schemas take long to check and do not change.
    const body = { model: 'literal', max_tokens: 1000, system, messages }
    const refusal = refusalOf(structuredClone(body), { signatures: new Map() })
    if (refusal !== null) throw new Error(`The API would refuse this: ${refusal}`)
    const number = count('model_response')
    const turn = turns[number] ?? { text: 'I have nothing to add.' }
    await tick()
    await turn.meanwhile?.(story)
    request.signal.throwIfAborted()
    if (turn.error) throw turn.error
    if (turn.text) request.onText?.(turn.text)
    const response = toResponse(turn, number)
    const content = verbatim.get(number)
    return content ? { ...response, content, stopReason: 'tool_use' } : response
  }

  const model: Model = {
    name: 'literal',
    scripted: true,
    priced: true,
    contextWindow: options.contextWindow ?? null,
    complete,
  }

  const deps: AgentDeps = {
    state,
    briefing,
    goal,
    goalOptions: {
      text: 'make it so',
      checkCommand: null,
      successCondition: null,
      timeoutMs: 1000,
      settings: {},
    },
    tools: options.tools ?? [...literalTools(ran), runCheck],
    // The loop takes snapshots and compares them, and runs nothing itself.
    workspace: {
      root: '/project',
      snapshot: async () => 'tree',
      async restore(from: string, to: string) {
        restored.push(`${from} → ${to}`)
        await options.onRestore?.()
        return { tree: 'tree', restored: options.putBack ?? ['a.txt'], left: [] }
      },
      diff: async () => ({
        stat: {
          files: 1,
          insertions: 2,
          deletions: 1,
          by_file: diffs[state.iteration - 1] ?? diffs.at(-1) ?? [],
        },
        patch: '',
        truncated: false,
      }),
    } as unknown as Workspace,
    limits: () => limits,
    model: () => model,
    async judge(signal) {
      const verdict = checks[count('goal_check')] ?? checks.at(-1)
      await tick()
      signal.throwIfAborted()
      return { ...VERDICT, ...(!hasSnapshots && { tree: null }), ...verdict }
    },
    answerTo: command => options.answerTo?.(command) ?? { action: 'allow', rule: null, why: '', instead: '' },
    askedConfig: options.askedConfig ?? null,
    sensitive: { look: async () => options.sensitive?.() ?? [], settle: async () => {} },
    emit,
    publish: event => published.push(event),
    signal: controller.signal,
    draining: draining.signal,
    clock: () => seconds * 1000,
    activeMs: () => state.activeMs + (seconds - drivenSince) * 1000,
    wallClock: () => seconds,
    newId: () => `gate_${count('human_check_required') + 1}`,
  }

  for (const event of options.journal ?? [{ ...startEvent({ base: 'tree' }), ts: seconds }]) take(event)
  commits.push(journal.length)

  const drive = () => {
    drivenSince = seconds
    return runAgent(deps)
  }

  const story = {
    journal,
    commits,
    requests,
    published,
    ran,
    restored,
    limits,
    state,
    tools: deps.tools,
    emit,
    /** Blocks that no turn can say: thinking, ids that are not unique. */
    answerWith: (number: number, content: unknown[]) => verbatim.set(number, content as ContentBlock[]),
    abort(reason: unknown) {
      draining.abort(reason)
      controller.abort(reason)
    },
    drain: (reason: unknown) => draining.abort(reason),
    run: (): Promise<Stop> => drive(),
    /** Person and loop in turns, until the end: each gate is answered, each pause is over at once. */
    async runToEnd(decisions: DecisionWord[] = []): Promise<void> {
      for (;;) {
        const stop = await drive()
        if (stop === 'ended') return
        if (stop === 'paused') continue
        const decision = decisions[count('human_check_required') - 1] ?? 'approve'
        const { gate_id } = state.gate!
        await emit([
          {
            kind: 'human_check_response',
            iteration: state.iteration,
            payload: {
              decision,
              gate_id,
              note: null,
              decided_by: 'tester',
              ...(decision === 'undo' && { undo: { from: 'tree', to: 'tree' } }),
            },
          },
        ])
      }
    },
    /** The journal in one word or two per event. */
    told: () => journal.map(inWords),
    end: () => {
      const last = journal.at(-1)
      if (last?.kind !== 'run_end') throw new Error('the run has not ended')
      return last.payload
    },
  }
  return story
}

function toResponse(turn: StoryTurn, number: number): ModelResponse {
  const calls = (turn.calls ?? []).map(
    (call, index): ContentBlock => ({
      type: 'tool_use',
      id: `call_${number}_${index}`,
      name: call.tool,
      input: call.malformed === undefined ? (call.args ?? {}) : {},
    }),
  )
  const malformed = (turn.calls ?? []).flatMap((call, index) =>
    call.malformed === undefined ? [] : [[`call_${number}_${index}`, call.malformed]],
  )
  return {
    content: [...(turn.text ? [{ type: 'text' as const, text: turn.text }] : []), ...calls],
    stopReason: turn.stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn'),
    usage: {
      input_tokens: turn.input ?? 100,
      output_tokens: 10,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    },
    costUsd: turn.costUsd === undefined ? 0.01 : turn.costUsd,
    model: 'literal',
    durationMs: 1,
    attempts: 1,
    malformedArgs: Object.fromEntries(malformed),
  }
}

/** `touch` changes, `look` is read-only, `fail` throws. */
function literalTools(ran: string[]): Tool[] {
  const input = z.object({ what: z.string().optional() })
  const running = (name: string) => async (context: { input: { what?: string | undefined } }) => {
    const { what = '' } = context.input
    ran.push(`${name} ${what}`)
    await tick()
    await tick()
    ran.push(`end ${name} ${what}`)
    return { output: `${name} ${what}` }
  }
  return [
    defineTool({ name: 'touch', description: 'changes', input, readOnly: false, run: running('touch') }),
    defineTool({ name: 'look', description: 'reads', input, readOnly: true, run: running('look') }),
    defineTool({
      name: 'fail',
      description: 'fails',
      input,
      readOnly: false,
      run: () => Promise.reject(new Error('there is no such file; look first')),
    }),
  ] as Tool[] // each takes what its own schema returns
}

function inWords({ kind, payload, iteration }: NewEvent): string {
  switch (kind) {
    case 'step_start':
      return `${payload.node} ${iteration}`
    case 'tool_call':
      return `call ${payload.tool}`
    case 'tool_result':
      return `result ${payload.tool} ${payload.status}`
    case 'goal_check':
      return payload.achieved ? 'check met' : 'check unmet'
    case 'run_end':
      return `end ${payload.outcome}`
    default:
      return kind
  }
}
