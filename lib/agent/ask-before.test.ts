import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { NewEvent } from '#lib/contract/event'
import type { DecisionWord } from '#lib/contract/events/human-check-response'
import { createStory, type StoryOptions } from '#lib/testing/agent-story'
import { defineTool, type Tool } from '#lib/tools/tool'

const ASK = { action: 'ask', rule: 'git-push', why: 'sends commits to another place', instead: '' } as const
const DENY = { action: 'deny', rule: 'power-off', why: 'turns the machine off', instead: 'Do not.' } as const
const ALLOW = { action: 'allow', rule: null, why: '', instead: '' } as const

const answerTo = (command: string) =>
  command.includes('push') ? ASK : command.includes('reboot') ? DENY : ALLOW

function storyOf(commands: string[], more: Partial<StoryOptions> = {}) {
  const executed: string[] = []
  const shell = defineTool({
    name: 'shell',
    description: 'runs',
    input: z.object({ command: z.string() }),
    readOnly: false,
    commandOf: ({ command }) => ({ command, cwd: undefined }),
    async run({ input }) {
      executed.push(input.command)
      return { output: `ran ${input.command}` }
    },
  })
  const story = createStory({
    turns: [{ calls: commands.map(command => ({ tool: 'shell', args: { command } })) }, { text: 'Done.' }],
    checks: [{}, { achieved: true }],
    tools: [shell as Tool], // it takes what its own schema returns
    answerTo,
    ...more,
  })
  return { story, executed }
}

async function decide(story: ReturnType<typeof createStory>, decision: DecisionWord, note: string | null) {
  const answer: NewEvent = {
    kind: 'human_check_response',
    iteration: story.state.iteration,
    payload: { decision, gate_id: story.state.gate!.gate_id, note, decided_by: 'tester' },
  }
  await story.emit([answer])
}

describe('a command that is asked about', () => {
  it('waits in the journal without a call, and is run once when it is approved', async () => {
    const { story, executed } = storyOf(['ls', 'git push', 'pwd'])
    expect(await story.run()).toBe('waiting')
    expect(executed).toEqual(['ls'])
    expect(story.told().slice(-4)).toEqual([
      'call shell',
      'result shell ok',
      'human_check 1',
      'human_check_required',
    ])
    expect(story.state.gate).toMatchObject({
      kind: 'command',
      command: { call_id: 'call_0_1', command: 'git push', cwd: '.', rule: 'git-push' },
    })
    await decide(story, 'approve', 'as you like')
    expect(await story.run()).toBe('ended')
    expect(executed).toEqual(['ls', 'git push', 'pwd'])
    expect(story.end().outcome).toBe('achieved')
    const lastAsked = JSON.stringify(story.requests.at(-1)?.messages.at(-1))
    expect(lastAsked).toContain('ran git push')
    expect(lastAsked).toContain('as you like')
  })

  it('is told to the agent when it is denied, with what the person says, and nothing of it runs', async () => {
    const { story, executed } = storyOf(['git push', 'pwd'])
    await story.run()
    await decide(story, 'deny', 'we release on Fridays')
    expect(await story.run()).toBe('ended')
    expect(executed).toEqual(['pwd'])
    expect(story.told()).toContain('result shell error')
    expect(JSON.stringify(story.requests.at(-1)?.messages)).toContain('we release on Fridays')
  })

  it('ends the run when it is aborted', async () => {
    const { story, executed } = storyOf(['git push'])
    await story.runToEnd(['abort'])
    expect([executed, story.end().status]).toEqual([[], 'aborted'])
  })

  it('is asked about one at a time, and the approval of one is not that of the next', async () => {
    const { story, executed } = storyOf(['git push a', 'git push b'])
    await story.runToEnd(['approve', 'deny'])
    expect(executed).toEqual(['git push a'])
    expect(story.told().filter(word => word === 'human_check_required')).toHaveLength(2)
  })

  it('goes on from the journal alone, before and after the decision, and does not open the gate of the iteration', async () => {
    const first = storyOf(['git push'], { limits: { gates: 'each' } })
    await first.story.run()
    const second = storyOf(['git push'], { journal: first.story.journal, limits: { gates: 'each' } })
    expect(await second.story.run()).toBe('waiting')
    await decide(second.story, 'approve', null)
    const third = storyOf(['git push'], {
      journal: second.story.journal,
      limits: { gates: 'each' },
      checks: [{}, { achieved: false }],
    })
    expect(await third.story.run()).toBe('waiting')
    expect([first.executed, second.executed, third.executed]).toEqual([[], [], ['git push']])
    // That was the gate of the iteration: the approval of a command is not one of the attempt.
    expect(third.story.state.gate).toMatchObject({ gate_id: 'gate_2', iteration: 1 })
    expect(third.story.state.gate?.command).toBeUndefined()
  })
})

it('a command that is forbidden is an answer to the agent, which names the rule', async () => {
  const { story, executed } = storyOf(['reboot', 'pwd'])
  await story.runToEnd()
  expect(executed).toEqual(['pwd'])
  const result = story.journal.find(event => event.kind === 'tool_result')
  expect(result?.payload).toMatchObject({
    status: 'error',
    output: expect.stringContaining('power-off forbids it, because it turns the machine off'),
    details: { refused_by: 'power-off' },
  })
})

describe('settings that nobody has accepted', () => {
  const askedConfig = {
    path: '/project/.retrai.yml',
    sha256: 'a'.repeat(64),
    text: 'goal: x\n',
    goals: [{ goal: 'x', check_command: 'sh bench.sh' }],
  }

  it('are asked about before the first check, once', async () => {
    const { story } = storyOf(['pwd'], { askedConfig })
    expect(await story.run()).toBe('waiting')
    expect(story.told()).toEqual(['run_start', 'human_check 0', 'human_check_required'])
    expect(story.state.gate).toMatchObject({
      kind: 'config',
      config: askedConfig,
      summary: expect.stringContaining('sh bench.sh'),
    })
    await decide(story, 'approve', null)
    expect(await story.run()).toBe('ended')
    expect(story.told().filter(word => word === 'human_check_required')).toHaveLength(1)
  })

  it('end the run without a check when they are refused', async () => {
    const { story } = storyOf(['pwd'], { askedConfig })
    await story.runToEnd(['abort'])
    expect(story.told()).not.toContain('check unmet')
    expect(story.end().outcome).toBe('aborted')
  })
})

it('a sensitive file is told right behind the call that made it, and stands at the gate', async () => {
  const changes = [{ path: '.envrc', change: 'created' as const, why: 'a shell runs it' }]
  const { story } = storyOf(['touch .envrc'], {
    sensitive: () => changes.splice(0),
    limits: { gates: 'each' },
    checks: [{}, { achieved: false }],
  })
  expect(await story.run()).toBe('waiting')
  const told = story.told()
  expect(told[told.indexOf('result shell ok') + 1]).toBe('sensitive_change')
  expect(story.journal.find(event => event.kind === 'sensitive_change')?.payload).toEqual({
    path: '.envrc',
    change: 'created',
    why: 'a shell runs it',
    tool: 'shell',
    call_id: 'call_0_0',
  })
  expect(story.state.gate?.flags).toContainEqual({
    code: 'sensitive_change',
    path: '.envrc',
    detail: '.envrc was created: a shell runs it',
  })
})
