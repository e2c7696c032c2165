// What the provider does wrong does not end a run, unless it cannot be put right: then the run says what to do.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import { bash, patch, repairShell, runCheck, SHELL_GOAL, SHELL_PROJECT } from '#lib/testing/make-project'
import { type Answer, fault, text, toolUseRaw, turn } from '#lib/testing/messages-script'
import { openStage, type Script, type Stage } from '#lib/testing/stage'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage?.close())

async function finish(script: Script, body: Record<string, unknown> = {}) {
  const cwd = await stage.project(SHELL_PROJECT, script)
  const run = await stage.client.finish({ ...SHELL_GOAL, cwd, ...body })
  const retries = (await stage.client.events(run.run_id, '?kind=model_retry')) as EventOf<'model_retry'>[]
  return { run, retries, requests: stage.requests(cwd), events: await stage.client.events(run.run_id) }
}
const [repair, said] = repairShell as [Answer, Answer]

describe('a fault that passes: the run achieves its goal in one iteration, and the first retry of a call is told', () => {
  it.each([
    ['overloaded twice', [fault.status(529), fault.status(529), repair], [529]],
    ['rate limited, with a second to wait', [fault.status(429, { retryAfter: 1 }), repair], [429]],
    ['a server error with a page of HTML', [fault.html(502), repair], [502]],
    ['a stream that is cut in the middle', [fault.cutAfter(5), repair], [null]],
    ['a stream that is cut in the middle of an event', [fault.cutAfterBytes(700), repair], [null]],
    ['a connection that breaks before the answer', [fault.cutAfter(0), repair], [null]],
    ['a stream that ends too early', [fault.endAfter(4), repair], [null]],
    ['an error event in the stream', [fault.errorEvent(), repair], [expect.anything()]],
  ] as [string, Answer[], unknown[]][])('%s', async (_, attempts, statuses) => {
    const { run, retries, requests } = await finish([attempts, said])
    expect(run).toMatchObject({ status: 'achieved', iteration: 1 })
    expect(retries.map(({ payload }) => payload.attempt)).toEqual(statuses.map((_, index) => index + 1))
    for (const [index, { payload }] of retries.entries()) {
      if (typeof statuses[index] === 'number' || statuses[index] === null)
        expect(payload.status).toBe(statuses[index])
      expect(payload.reason).toMatch(/./)
    }
    expect(requests.map(({ refusal }) => refusal).filter(Boolean)).toEqual([])
  })

  it('retry-after is waited for', async () => {
    const { run, retries, requests } = await finish([[fault.status(429, { retryAfter: 2 }), repair], said])
    expect(run.status).toBe('achieved')
    expect(retries[0]?.payload.wait_ms).toBeGreaterThanOrEqual(2000)
    const calls = requests.filter(({ assistantMessages }) => assistantMessages === 0)
    expect(calls).toHaveLength(2)
  })

  it('nothing of a broken answer is done: a command in it does not run', async () => {
    const begun = turn([text('I begin.'), bash('echo begun >> ran.txt')])
    const { run, events } = await finish([
      [fault.cutAfter(9, begun), fault.endAfter(10, begun), repair],
      said,
    ])
    expect(run.status).toBe('achieved')
    const commands = events.flatMap(event => (event.kind === 'tool_call' ? [event.payload.args.command] : []))
    expect(commands).not.toContain('echo begun >> ran.txt')
  })
})

describe('an answer that cannot be used', () => {
  it('arguments that are no JSON are not executed; the model is told and does better', async () => {
    const { run, events, requests } = await finish([
      turn([toolUseRaw('bash_exec', '{"command": "echo tru')]),
      turn([toolUseRaw('file_patch', '["not", "an", "object"]')]),
      turn([toolUseRaw('bash_exec', '{"comand": "ls"}')]),
      turn([toolUseRaw('no_such_tool', '{}')]),
      repair,
      said,
    ])
    expect(run).toMatchObject({ status: 'achieved', iteration: 1 })
    const results = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload] : []))
    expect(results.slice(0, 4).map(({ status }) => status)).toEqual(['error', 'error', 'error', 'error'])
    expect(results[0]?.output).toContain('not a JSON object')
    expect(results[2]?.output).toContain('command')
    expect(results[3]?.output).toContain('no_such_tool')
    expect(requests.map(({ refusal }) => refusal).filter(Boolean)).toEqual([])
  })

  it('three of them in a row end the run, and say so', async () => {
    const { run } = await finish(
      Array.from({ length: 9 }, () => turn([toolUseRaw('bash_exec', '{"command"')])),
    )
    expect(run).toMatchObject({ status: 'failed', outcome: 'model_protocol' })
    expect(run.reason).toMatch(/3 answers in a row/)
  })

  it('a stop at the output limit in the middle of a call is not executed, and continued', async () => {
    const { run, events } = await finish([
      turn([bash('echo half')], { stopReason: 'max_tokens' }),
      turn([text('In smaller steps.'), patch('app.txt', 'broken', 'works')]),
      turn([runCheck()]),
    ])
    expect(run.status).toBe('achieved')
    const [cut] = events.flatMap(event => (event.kind === 'tool_result' ? [event.payload] : []))
    expect(cut).toMatchObject({ status: 'error', output: expect.stringContaining('cut off') })
  })
})

describe('a fault that stays', () => {
  it('a wrong key: failed at once, with what to do', async () => {
    const { run, requests, events } = await finish([fault.status(401, { message: 'invalid x-api-key' })])
    expect(run).toMatchObject({ status: 'failed', outcome: 'model_error' })
    expect(run.reason).toMatch(/key/i)
    expect(run.error).toBe(run.reason)
    expect(requests).toHaveLength(1)
    expect(events.find(event => event.kind === 'error')?.payload).toMatchObject({ message: run.reason })
    expect(run.reason).not.toContain('test-key-of-no-one')
  })

  it('an unknown model: failed at once, and names it', async () => {
    const { run, requests } = await finish([fault.status(404, { message: 'model: claude-none' })], {
      model_name: 'claude-none',
    })
    expect(run).toMatchObject({ status: 'failed', outcome: 'model_error', model_name: 'claude-none' })
    expect(run.reason).toContain('claude-none')
    expect(requests).toHaveLength(1)
    // Nobody knows its price: no guess, and no 0.
    expect(run.final_state?.estimated_cost_usd).toBe(0)
  })

  it('no answer for longer than the patience: the run holds, and goes on by hand once the provider is back', async () => {
    const impatient = await openStage({ env: { RETRAI_MODEL_PATIENCE_SECONDS: '0.2' } })
    try {
      let isDown = true
      const cwd = await impatient.project(SHELL_PROJECT, ({ assistantMessages }) =>
        isDown ? fault.status(529) : (repairShell[assistantMessages] as Answer),
      )
      const { run_id: runId } = await impatient.client.start({ ...SHELL_GOAL, cwd })
      const paused = await impatient.client.until(runId, 'paused')
      expect(paused).toMatchObject({ final_state: null, error: null })
      expect(paused.reason).toMatch(/./)
      isDown = false
      const decision = await impatient.client.resume(runId, { decision: 'approve' })
      expect(decision).toMatchObject({ run_id: runId, gate_id: null })
      expect(await impatient.client.until(runId, 'achieved')).toMatchObject({ iteration: 1 })
    } finally {
      await impatient.close()
    }
  })

  it('no key at all: failed before a request, and says which variable to set', async () => {
    const keyless = await openStage({ env: { ANTHROPIC_API_KEY: undefined, ANTHROPIC_BASE_URL: undefined } })
    try {
      const cwd = await keyless.project(SHELL_PROJECT, repairShell)
      const answer = await keyless.client.request('POST', '/api/runs', { body: { ...SHELL_GOAL, cwd } })
      const said =
        answer.status === 201
          ? (await keyless.client.until((answer.json as { run_id: string }).run_id, 'failed')).reason
          : answer.text
      expect(said).toContain('ANTHROPIC_API_KEY')
      expect(keyless.model.requests).toEqual([])
    } finally {
      await keyless.close()
    }
  })
})
