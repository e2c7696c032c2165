import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StampedEvent } from '#lib/agent/state'
import type { Payload } from '#lib/contract/event'
import { ModelError } from '#lib/models/model'
import { createStory, type StoryOptions, type StoryTurn } from '#lib/testing/agent-story'
import { runCheck } from '#lib/tools/run-check'
import { defineTool, type Tool } from '#lib/tools/tool'
import { MAX_CALLS, TURNS_PER_ITERATION } from './state.ts'

const UNMET = { achieved: false }
const MET = { achieved: true, reason: 'All 42 tests passed', exit_code: 0 }
const touch = (what: string) => ({ tool: 'touch', args: { what } })
const look = (what: string) => ({ tool: 'look', args: { what } })
const check = { tool: 'run_check' }

const resultsOf = (story: ReturnType<typeof createStory>) =>
  story.journal.flatMap(event => (event.kind === 'tool_result' ? [event.payload] : []))
const textOf = (value: unknown) => JSON.stringify(value)

async function play(options: StoryOptions) {
  const story = createStory(options)
  await story.runToEnd()
  return story
}

describe('the story of a run', () => {
  it('is baseline, then plan and act until the model stops, then the check, until it is met', async () => {
    const story = await play({
      checks: [UNMET, UNMET, MET],
      turns: [
        { text: 'I look.', calls: [look('a')] },
        { text: 'I change it.', calls: [touch('a')] },
        { text: 'Done, I think.' },
        { calls: [touch('b'), check] },
      ],
    })
    expect(story.told()).toEqual([
      'run_start',
      'evaluate 0',
      'check unmet',
      'plan 1',
      'model_response',
      'reasoning',
      'llm_usage',
      'act 1',
      'call look',
      'result look ok',
      'plan 1',
      'model_response',
      'reasoning',
      'llm_usage',
      'act 1',
      'call touch',
      'result touch ok',
      'plan 1',
      'model_response',
      'reasoning',
      'llm_usage',
      'evaluate 1',
      'check unmet',
      'iteration_complete',
      'plan 2',
      'model_response',
      'llm_usage',
      'act 2',
      'call touch',
      'result touch ok',
      'call run_check',
      'evaluate 2',
      'check met',
      'result run_check ok',
      'iteration_complete',
      'end achieved',
    ])
    expect(story.end()).toMatchObject({
      achieved: true,
      status: 'achieved',
      iterations: 2,
      total_tokens: 440,
      estimated_cost_usd: 0.04,
      reason: 'All 42 tests passed',
    })
    const complete = story.journal.filter(event => event.kind === 'iteration_complete')
    expect(complete.map(event => event.payload)).toMatchObject([
      { iteration: 1, tokens: 330, tool_calls: 2, tree: 'tree', diff_stat: { files: 1 } },
      { iteration: 2, tokens: 110, tool_calls: 2 },
    ])
  })

  it('ends before any model call when the check is green already', async () => {
    const story = await play({ checks: [MET] })
    expect(story.requests).toEqual([])
    expect(story.told()).toEqual(['run_start', 'evaluate 0', 'check met', 'end already_green'])
    expect(story.end()).toMatchObject({
      achieved: true,
      iterations: 0,
      total_tokens: 0,
      estimated_cost_usd: 0,
    })
  })

  it('ends before any model call when the check cannot run', async () => {
    const story = await play({ checks: [{ broken: true, reason: 'make: command not found' }] })
    expect(story.requests).toEqual([])
    expect(story.end()).toMatchObject({
      status: 'failed',
      outcome: 'check_broken',
      reason: 'make: command not found',
    })
  })

  it('goes on when a later check cannot run, because the model broke it and can repair it', async () => {
    const story = await play({ checks: [UNMET, { broken: true, reason: 'no Makefile' }, MET] })
    expect(story.end()).toMatchObject({ outcome: 'achieved', iterations: 2 })
    expect(textOf(story.requests[1]?.messages.at(-1))).toContain('no Makefile')
  })

  it('tells the model the goal, the check and its output first, and the verdict after each attempt', async () => {
    const tests = {
      passed: 1,
      failed: 1,
      skipped: 0,
      total: 2,
      failing: ['t2'],
      newly_failing: ['t2'],
      fixed: ['t1'],
    }
    const story = await play({
      checks: [{ output: 'E assert 1 == 2' }, { output: 'E assert 2 == 3', tests }, MET],
      briefing: { instructions: 'Be kind.', isSandboxed: false },
    })
    const first = textOf(story.requests[0]?.messages)
    for (const part of [
      'make it so',
      'Make it so.',
      '/project',
      'Be kind.',
      'not sandboxed',
      'assert 1 == 2',
    ])
      expect(first).toContain(part)
    const second = textOf(story.requests[1]?.messages.at(-1))
    for (const part of ['not met', 'assert 2 == 3', 'Newly failing', 't2', 'Fixed', 't1'])
      expect(second).toContain(part)
  })

  it('gives the verdict as the result of run_check when the model asked for it, and only there', async () => {
    const story = await play({ checks: [UNMET, UNMET, MET], turns: [{ calls: [check] }] })
    const [result] = resultsOf(story)
    expect(result).toMatchObject({ tool: 'run_check', status: 'ok', exit_code: 1 })
    expect(result?.output).toContain('not met')
    expect(story.requests[1]?.messages.at(-1)?.content).toHaveLength(1)
  })

  it('answers every run_check of one answer', async () => {
    const story = await play({ checks: [UNMET, UNMET, MET], turns: [{ calls: [check, check] }] })
    expect(story.end()).toMatchObject({ outcome: 'achieved', iterations: 2 })
    expect(resultsOf(story)).toHaveLength(2)
  })

  it('checks after fifty model calls in one iteration, whatever the model wants', async () => {
    const turns = Array.from({ length: TURNS_PER_ITERATION + 10 }, (_, n) => ({ calls: [look(`${n}`)] }))
    const story = await play({ checks: [UNMET, MET], turns })
    expect(story.requests).toHaveLength(TURNS_PER_ITERATION)
    expect(story.end()).toMatchObject({ outcome: 'achieved', iterations: 1 })
  })
})

describe('going in circles', () => {
  const looks = (answers: number, calls = 1) =>
    Array.from({ length: answers }, () => ({ calls: Array.from({ length: calls }, () => look('same')) }))

  it('is told to the agent the third time, and ends the attempt at the sixth', async () => {
    const story = await play({ checks: [UNMET, MET], turns: looks(20) })
    expect(story.requests).toHaveLength(6)
    expect(textOf(story.requests[2])).not.toContain('the same call (look)')
    expect(textOf(story.requests[3])).toContain('the same call (look) with the same result 3 times')
    expect(story.end()).toMatchObject({ outcome: 'achieved', iterations: 1 })
  })

  it('is not what several calls of one answer do', async () => {
    const story = await play({ checks: [UNMET, MET], turns: [...looks(2, 8), { text: 'Done.' }] })
    expect(story.requests).toHaveLength(3)
    expect(textOf(story.requests[2])).not.toContain('the same call')
  })
})

describe('an attempt that leaves everything as it was', () => {
  it('three times brings a reflection, and the run ends after the next', async () => {
    const story = await play({ checks: [UNMET], briefing: { noProgressAfter: 3 } })
    expect(story.end()).toMatchObject({ status: 'exhausted', outcome: 'no_progress', iterations: 4 })
    expect(textOf(story.requests[3])).toContain('The last 3 attempts left the same failures')
  })

  it('is none where something was called and the check names nothing', async () => {
    const turns = Array.from({ length: 12 }, (_, n) =>
      n % 2 === 0 ? { calls: [touch(`${n}`)] } : { text: 'So.' },
    )
    const story = await play({
      checks: [UNMET],
      turns,
      briefing: { noProgressAfter: 3 },
      limits: { maxIterations: 6 },
    })
    expect(story.end()).toMatchObject({ outcome: 'iterations', iterations: 6 })
  })
})

describe('a budget', () => {
  const busy: StoryTurn[] = Array.from({ length: 40 }, (_, index) => ({ calls: [touch(`${index}`)] }))

  it('of iterations ends the run after that many attempts, and says so', async () => {
    const story = await play({ limits: { maxIterations: 3 } })
    expect(story.requests).toHaveLength(3)
    expect(story.end()).toMatchObject({ status: 'exhausted', outcome: 'iterations', iterations: 3 })
    expect(story.end().reason).toMatch(/3 iterations.*not yet/)
  })

  it.each([
    ['cost', { maxCostUsd: 0.05 }, 5],
    ['tokens', { maxTokens: 500 }, 5],
    ['time', { maxMinutes: 0.5 }, null],
  ] as const)(
    'of %s is looked at before each model call, and what was done is judged once more',
    async (outcome, limits, calls) => {
      const story = await play({ limits, turns: busy, checks: [UNMET, UNMET] })
      if (calls !== null) expect(story.requests).toHaveLength(calls)
      expect(story.requests.length).toBeLessThan(busy.length)
      expect(story.end()).toMatchObject({ status: 'exhausted', outcome, iterations: 1 })
      expect(story.told().slice(-4)).toEqual([
        'evaluate 1',
        'check unmet',
        'iteration_complete',
        `end ${outcome}`,
      ])
    },
  )

  it('does not hide a success: the last verdict counts', async () => {
    const story = await play({ limits: { maxTokens: 500 }, turns: busy, checks: [UNMET, MET] })
    expect(story.end()).toMatchObject({ outcome: 'achieved' })
  })

  it('in dollars cannot be spent while the price is not known', async () => {
    const turns = busy.map(turn => ({ ...turn, costUsd: null }))
    const story = await play({ limits: { maxCostUsd: 0.01, maxIterations: 2 }, turns, checks: [UNMET, MET] })
    expect(story.end()).toMatchObject({ outcome: 'achieved', estimated_cost_usd: null })
  })

  it('that is raised meanwhile holds from the next step on', async () => {
    const story = createStory({
      limits: { maxIterations: 1 },
      turns: [
        {
          meanwhile: it => {
            it.limits.maxIterations = 3
          },
        },
      ],
    })
    await story.runToEnd()
    expect(story.end()).toMatchObject({ outcome: 'iterations', iterations: 3 })
  })

  it('of minutes does not count the time at a gate', async () => {
    const story = createStory({
      limits: { maxMinutes: 60, gates: 'each' },
      checks: [UNMET, UNMET, MET],
    })
    expect(await story.run()).toBe('waiting')
    const [opened] = story.journal.slice(-1)
    const later = { ...opened!, ts: opened!.ts + 7200 }
    const journal = [
      ...story.journal,
      {
        ...later,
        kind: 'human_check_response',
        payload: { decision: 'approve', gate_id: 'gate_1', note: null, decided_by: 'tester' },
      } as const,
    ]
    const again = createStory({
      journal,
      limits: { maxMinutes: 60, gates: 'each' },
      checks: [UNMET, UNMET, MET],
    })
    await again.runToEnd()
    expect(again.end().outcome).toBe('achieved')
    expect(again.end().duration_ms).toBeLessThan(3600_000)
  })
})

describe('a gate', () => {
  const gated: StoryOptions = {
    limits: { gates: 'each' },
    checks: [UNMET, UNMET, UNMET, MET],
    turns: [{ text: 'I changed a file.' }],
  }

  it('opens after each unmet iteration, and the loop lets go of the run', async () => {
    const story = createStory(gated)
    expect(await story.run()).toBe('waiting')
    expect(story.told().slice(-3)).toEqual(['iteration_complete', 'human_check 1', 'human_check_required'])
    const gate = story.journal.at(-1)?.payload as Payload<'human_check_required'>
    expect(gate).toMatchObject({
      gate_id: 'gate_1',
      iteration: 1,
      diff_hash: 'tree',
      agent_says: 'I changed a file.',
      iteration_cost_usd: 0.01,
      cost_usd: 0.01,
    })
    expect(gate.summary).toMatch(/^Iteration 1: not yet\. 1 file changed, \+2 −1\.$/)
    // Driven again without an answer it waits on, and nothing more is written.
    const before = story.journal.length
    expect(await story.run()).toBe('waiting')
    expect(story.journal).toHaveLength(before)
  })

  it('that is approved lets the next attempt begin; its note is what the model reads', async () => {
    const story = createStory(gated)
    await story.run()
    await story.emit([
      {
        kind: 'human_check_response',
        iteration: 1,
        payload: { decision: 'approve', gate_id: 'gate_1', note: 'use the other file', decided_by: 'cli' },
      },
    ])
    expect(await story.run()).toBe('waiting')
    expect(story.told().filter(word => word === 'human_check_required')).toHaveLength(2)
    expect(textOf(story.requests[1]?.messages.at(-1))).toContain('use the other file')
  })

  it('that is answered with abort ends the run with who and why', async () => {
    const story = createStory(gated)
    await story.run()
    await story.emit([
      {
        kind: 'human_check_response',
        iteration: 1,
        payload: { decision: 'abort', gate_id: 'gate_1', note: 'wrong way', decided_by: 'dashboard' },
      },
    ])
    expect(await story.run()).toBe('ended')
    expect(story.end()).toMatchObject({
      status: 'aborted',
      outcome: 'aborted',
      reason: 'Aborted at the gate by dashboard: wrong way',
      iterations: 1,
    })
    expect(story.requests).toHaveLength(1)
  })

  it('opens at the last iteration too, and says that approving will end the run', async () => {
    const story = createStory({ ...gated, limits: { gates: 'each', maxIterations: 1 } })
    expect(await story.run()).toBe('waiting')
    expect(textOf(story.journal.at(-1)?.payload)).toContain('raise the budget first')
    await story.runToEnd()
    expect(story.end().outcome).toBe('iterations')
  })

  it('does not open when the goal is met', async () => {
    const story = createStory({ ...gated, checks: [UNMET, MET] })
    expect(await story.run()).toBe('ended')
  })
})

describe('a tool call', () => {
  it('that cannot be carried out is answered with what to do, and the run goes on', async () => {
    const story = await play({
      checks: [UNMET, MET],
      turns: [
        {
          calls: [
            { tool: 'tuoch', args: {} },
            { tool: 'touch', args: { what: 7 } },
            { tool: 'touch', malformed: '{"what": "a' },
            { tool: 'fail' },
            { tool: 'run_check', malformed: '[]' },
          ],
        },
      ],
    })
    const results = resultsOf(story)
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('error'))
    expect(results[0]?.output).toMatch(/There is no tool tuoch\. Tools: touch, look, fail, run_check/)
    expect(results[1]?.output).toMatch(/wrong arguments for touch[\s\S]*what/)
    expect(results[2]?.output).toMatch(/not a JSON object.*\{"what": "a/)
    expect(results[3]?.output).toBe('there is no such file; look first')
    expect(results[4]?.output).toMatch(/not a JSON object/)
    expect(story.ran).toEqual([])
    expect(story.requests).toHaveLength(2)
    expect(story.end().outcome).toBe('achieved')
  })

  it('of an answer that was cut off is not executed, and the model is told', async () => {
    for (const stop of ['max_tokens', 'model_context_window_exceeded']) {
      const story = await play({ checks: [UNMET, MET], turns: [{ calls: [touch('a'), check], stop }] })
      expect(story.ran).toEqual([])
      expect(resultsOf(story).map(({ output }) => output)).toEqual(
        Array(2).fill(expect.stringContaining('cut off before its end')),
      )
      expect(story.requests).toHaveLength(2)
    }
  })

  it('runs side by side with its neighbours when all of them only read, and alone otherwise', async () => {
    const story = await play({
      checks: [UNMET, MET],
      turns: [{ calls: [look('1'), look('2'), touch('3'), touch('4'), look('5')] }],
    })
    expect(story.ran).toEqual([
      'look 1',
      'look 2',
      'end look 1',
      'end look 2',
      'touch 3',
      'end touch 3',
      'touch 4',
      'end touch 4',
      'look 5',
      'end look 5',
    ])
    const sent = story.requests[1]?.messages.at(-1)?.content as { tool_use_id: string }[]
    expect(sent.map(block => block.tool_use_id)).toEqual([
      'call_0_0',
      'call_0_1',
      'call_0_2',
      'call_0_3',
      'call_0_4',
    ])
  })

  it('is in the journal before it starts', async () => {
    const known: boolean[] = []
    const watch = defineTool({
      name: 'watch',
      description: 'looks into the journal',
      input: z.object({}),
      readOnly: false,
      async run() {
        known.push(story.told().at(-1) === 'call watch')
        return { output: 'seen' }
      },
    }) as Tool
    const story = createStory({
      checks: [UNMET, MET],
      tools: [watch, runCheck],
      turns: [{ calls: [{ tool: 'watch' }, { tool: 'watch' }] }],
    })
    await story.runToEnd()
    expect(known).toEqual([true, true])
  })

  it('passes its live output on, its exit code, its true size and its details', async () => {
    const command = defineTool({
      name: 'command',
      description: 'fails with 3',
      input: z.object({}),
      readOnly: false,
      async run({ onProgress, diffSinceStart }) {
        onProgress('half ')
        const diff = await diffSinceStart()
        return { output: '', exitCode: 3, truncated: true, bytes: 99, details: { files: diff?.stat.files } }
      },
    }) as Tool
    const story = await play({
      checks: [UNMET, MET],
      tools: [command, runCheck],
      turns: [{ calls: [{ tool: 'command' }] }],
    })
    expect(resultsOf(story)).toMatchObject([
      { status: 'error', exit_code: 3, truncated: true, bytes: 99, details: { files: 1 } },
    ])
    expect(story.published).toContainEqual({
      kind: 'step_progress',
      iteration: 1,
      payload: { call_id: 'call_0_0', tool: 'command', chunk: 'half ' },
    })
    // The API refuses empty text, so the model is told that there was none.
    expect(textOf(story.requests[1]?.messages.at(-1))).toContain('(no output)')
  })

  it('with an id that the conversation has already gets another, so that each has its own result', async () => {
    const same = (input: unknown) => ({ type: 'tool_use', id: 'call_0', name: 'touch', input })
    const story = createStory({ checks: [UNMET, MET], turns: [{}, {}, { text: 'Done.' }] })
    const answer = story.answerWith
    answer(0, [same({ what: 'a' }), same({ what: 'b' })])
    answer(1, [same({ what: 'c' }), { ...same({ what: 'd' }), id: '' }])
    await story.runToEnd()
    expect(story.ran.filter(line => line.startsWith('touch'))).toEqual([
      'touch a',
      'touch b',
      'touch c',
      'touch d',
    ])
    expect(new Set(resultsOf(story).map(({ call_id }) => call_id)).size).toBe(4)
    expect(story.end().outcome).toBe('achieved')
  })
})

describe('an answer', () => {
  it('without words or calls is asked for again, and three in a row end the run', async () => {
    const story = await play({ turns: [{}, { text: '  ' }, { calls: [look('a')] }, {}, {}, {}, {}, {}, {}] })
    expect(story.end()).toMatchObject({ status: 'failed', outcome: 'model_protocol' })
    expect(story.requests).toHaveLength(6)
    expect(textOf(story.requests[1]?.messages.at(-1))).toContain('Your answer was empty')
  })

  it.each([
    ['with broken arguments', { tool: 'touch', malformed: '{' }],
    ['with arguments of the wrong type', { tool: 'touch', args: { what: 7 } }],
    ['with a tool that there is not', { tool: 'unknown' }],
  ])('%s is told so, and three in a row end the run', async (_, wrong) => {
    const right = { calls: [touch('a')] }
    const story = await play({
      turns: [{ calls: [wrong] }, { calls: [wrong] }, right, ...Array(9).fill({ calls: [wrong, wrong] })],
    })
    expect(story.end()).toMatchObject({ status: 'failed', outcome: 'model_protocol' })
    expect(story.requests).toHaveLength(6)
    expect(story.ran).toEqual(['touch a', 'end touch a'])
  })

  it('with a wrong call beside a right one is no wrong answer', async () => {
    const story = await play({
      turns: Array(5).fill({ calls: [{ tool: 'unknown' }, touch('a')] }),
      limits: { maxIterations: 1 },
    })
    expect(story.end().outcome).toBe('iterations')
  })

  it('with more than 64 calls has the first 64 executed, and each has a result', async () => {
    const calls = Array.from({ length: MAX_CALLS + 3 }, (_, n) => touch(`${n}`))
    const story = await play({ turns: [{ calls }], limits: { maxIterations: 1 } })
    expect(story.ran.filter(line => line.startsWith('touch'))).toHaveLength(MAX_CALLS)
    const results = resultsOf(story)
    expect(results).toHaveLength(MAX_CALLS + 3)
    expect(results.slice(MAX_CALLS).map(({ status }) => status)).toEqual(['error', 'error', 'error'])
    expect(results.at(-1)?.output).toContain('only the first 64')
  })

  it('of words that was cut off goes on in the same iteration', async () => {
    const story = await play({
      checks: [UNMET, MET],
      turns: [{ text: 'I will now wri', stop: 'max_tokens' }],
    })
    expect(story.requests).toHaveLength(2)
    expect(textOf(story.requests[1]?.messages.at(-1))).toContain('cut off')
    expect(story.end()).toMatchObject({ iterations: 1 })
  })

  it('that the model refuses for good ends the run with its words', async () => {
    const story = await play({
      turns: [{ error: new ModelError('rejected', 'model: no such model', { status: 404 }) }],
    })
    expect(story.told().slice(-2)).toEqual(['error', 'end model_error'])
    expect(story.end()).toMatchObject({ status: 'failed', reason: 'model: no such model' })
  })

  it.each([
    ['unavailable', 'model_unavailable', 60],
    ['quota', 'model_quota', 900],
  ] as const)('that is %s pauses the run, which goes on where it was', async (failure, reason, seconds) => {
    let isDown = true
    const story = createStory({
      checks: [UNMET, MET],
      turns: [
        { calls: [touch('a')] },
        {
          text: 'Done.',
          meanwhile() {
            if (isDown) throw new ModelError(failure, 'out of reach')
          },
        },
      ],
    })
    expect(await story.run()).toBe('paused')
    const { payload, ts } = story.journal.at(-1) as StampedEvent & { payload: Payload<'paused'> }
    expect(payload).toMatchObject({ reason, detail: 'out of reach' })
    // Taken before it was stored, which takes a second here.
    expect(payload.retry_at).toBe(ts - 1 + seconds)
    expect(await story.run()).toBe('paused')
    isDown = false
    expect(await story.run()).toBe('ended')
    expect(story.end()).toMatchObject({ outcome: 'achieved', iterations: 1 })
    expect(story.ran).toEqual(['touch a', 'end touch a'])
  })
})

describe('the conversation', () => {
  it('only grows, behind a prefix that never changes', async () => {
    const story = await play({
      checks: [UNMET, UNMET, UNMET, MET],
      turns: [
        { text: 'One.', calls: [look('a'), touch('b')] },
        { calls: [check] },
        {},
        { text: 'cut', stop: 'max_tokens' },
        { text: 'Two.' },
        { calls: [touch('c'), check] },
      ],
    })
    expect(story.requests.length).toBeGreaterThan(5)
    for (const [index, request] of story.requests.slice(1).entries()) {
      const before = story.requests[index]!
      expect(request.system).toBe(before.system)
      expect(request.tools).toEqual(before.tools)
      // After an empty answer the last message of the user grows; all others stay to the letter.
      const settled = before.messages.length - 1
      expect(request.messages.slice(0, settled)).toEqual(before.messages.slice(0, settled))
      const [was, is] = [before.messages[settled]!.content, request.messages[settled]!.content]
      expect(is.slice(0, was.length)).toEqual(was)
    }
  })

  it('of two runs begins alike: nothing of the run is in the system prompt or the tools', async () => {
    const [one, two] = await Promise.all([
      play({ checks: [UNMET, MET] }),
      play({ checks: [UNMET, MET], briefing: { cwd: '/elsewhere', goal: 'another', instructions: 'x' } }),
    ])
    expect(one.requests[0]?.system).toBe(two.requests[0]?.system)
    expect(one.requests[0]?.tools).toEqual(two.requests[0]?.tools)
    expect(one.requests[0]?.messages).not.toEqual(two.requests[0]?.messages)
  })

  it('takes notes at the end of the next message, those that came while the model answered too', async () => {
    const note = (text: string) => ({ kind: 'note', iteration: 1, payload: { text, by: 'api' } }) as const
    const story = createStory({
      checks: [UNMET, MET],
      turns: [{ calls: [look('a')], meanwhile: it => it.emit([note('mind the gap')]) }],
    })
    await story.runToEnd()
    const last = story.requests[1]?.messages.at(-1)?.content as { type: string }[]
    expect(last.map(({ type }) => type)).toEqual(['tool_result', 'text'])
    expect(textOf(last[1])).toContain('mind the gap')
    expect(textOf(story.requests[0])).not.toContain('mind the gap')
  })

  it('loses old output when it fills the window, keeps its first message and its end, and stays valid', async () => {
    const long = 'x'.repeat(5000)
    const turns = Array.from({ length: 12 }, (_, index) => ({
      calls: [touch(`${index} ${long}`)],
      input: index === 8 ? 900 : 100,
    }))
    const story = await play({
      checks: [UNMET, MET],
      turns,
      contextWindow: 1000,
      briefing: { instructions: long },
    })
    expect(story.told().filter(word => word === 'compacted')).toHaveLength(1)
    const request = story.requests[9]!
    const [first, second] = request.messages
    expect(textOf(first)).toContain(long)
    expect(textOf(second)).toContain('left out to save room')
    expect(textOf(second)).not.toContain(long)
    for (const message of request.messages.slice(-10)) {
      if (message.role === 'assistant') expect(textOf(message)).toContain(long)
    }
    expect(request.messages).toHaveLength(19)
  })

  it('is shortened once when the model says that it is too long, and the run ends when that does not help', async () => {
    const tooLong = new ModelError('rejected', 'prompt is too long: 210000 tokens > 200000 maximum', {
      status: 400,
    })
    let refusals = 0
    const work = Array.from({ length: 8 }, (_, index) => ({ calls: [touch(`${index}`)] }))
    const helped = await play({
      checks: [UNMET, MET],
      turns: [
        ...work,
        {
          text: 'Done.',
          meanwhile() {
            refusals += 1
            if (refusals === 1) throw tooLong
          },
        },
      ],
    })
    expect(helped.told().filter(word => word === 'compacted')).toHaveLength(1)
    expect(helped.end().outcome).toBe('achieved')
    const hopeless = await play({ turns: [...work, { error: tooLong }] })
    expect(hopeless.end()).toMatchObject({ outcome: 'model_error' })
  })

  it('with another model has no thinking of the old one, not even of the answer that was under way', async () => {
    const change = {
      kind: 'config_changed',
      iteration: 1,
      payload: { changes: { model_name: 'other' }, by: 'api' },
    } as const
    const thinking = { type: 'thinking', thinking: 'Hm.', signature: 'signed' }
    const story = createStory({
      checks: [UNMET, MET],
      turns: [{ meanwhile: it => it.emit([change]) }, { text: 'Done.' }],
    })
    story.answerWith(0, [thinking, { type: 'tool_use', id: 'a', name: 'look', input: {} }])
    await story.runToEnd()
    expect(textOf(story.requests[1])).not.toContain('Hm.')
    expect(story.end().outcome).toBe('achieved')
  })
})

describe('a signal', () => {
  it('rejects with its reason at once, and leaves the journal without an end', async () => {
    const reason = { kind: 'abort' }
    const story = createStory({ turns: [{ meanwhile: it => it.abort(reason) }] })
    await expect(story.run()).rejects.toBe(reason)
    expect(story.told().at(-1)).toBe('plan 1')
    await expect(story.run()).rejects.toBe(reason)
  })

  it('waits for every read-only call that still runs before it lets go', async () => {
    const running = new Set<string>()
    const slow = defineTool({
      name: 'slow',
      description: 'takes its time to die',
      input: z.object({ ticks: z.number() }),
      readOnly: true,
      async run({ input, signal }) {
        running.add(`${input.ticks}`)
        while (!signal.aborted) await tick()
        for (let index = 0; index < input.ticks; index += 1) await tick()
        running.delete(`${input.ticks}`)
        throw signal.reason
      },
    }) as Tool
    const story = createStory({
      tools: [slow, runCheck],
      turns: [
        {
          calls: [
            { tool: 'slow', args: { ticks: 1 } },
            { tool: 'slow', args: { ticks: 20 } },
          ],
        },
      ],
    })
    const stopped = story.run()
    while (running.size < 2) await tick()
    story.abort('enough')
    await expect(stopped).rejects.toBe('enough')
    expect(running.size).toBe(0)
    expect(story.told().slice(-2)).toEqual(['call slow', 'call slow'])
  })
})

describe('after a restart', () => {
  const options: StoryOptions = {
    checks: [UNMET, MET],
    turns: [{ calls: [look('a'), touch('b'), touch('c')] }, { text: 'Done.' }],
  }

  async function cutAfter(word: string) {
    const story = await play(options)
    return createStory({ ...options, journal: story.journal.slice(0, story.told().indexOf(word) + 1) })
  }

  it('a command that was running is reported as interrupted and not run again; the others are run', async () => {
    const story = await cutAfter('call touch')
    await story.runToEnd()
    expect(story.ran).toEqual(['touch c', 'end touch c'])
    const interrupted = resultsOf(story).find(({ call_id }) => call_id === 'call_0_1')
    expect(interrupted).toMatchObject({ status: 'interrupted', exit_code: null })
    expect(interrupted?.output).toContain('find out before you repeat it')
    expect(story.end().outcome).toBe('achieved')
  })

  it('a read-only call that was running is simply run again', async () => {
    const story = await cutAfter('call look')
    await story.runToEnd()
    expect(story.ran[0]).toBe('look a')
    expect(resultsOf(story).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok'])
    expect(story.told().filter(word => word === 'call look')).toHaveLength(1)
  })

  it('a model call without an answer is made again, with the same conversation', async () => {
    const whole = await play(options)
    const story = await cutAfter('plan 1')
    await story.runToEnd()
    expect(story.requests[0]).toEqual(whole.requests[0])
    expect(story.requests).toHaveLength(2)
  })
})
