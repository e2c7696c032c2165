import { describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { crashesOf, MAX_CRASHES } from './crash-loop.ts'

/** A journal in words, oldest first: what a server wrote before it died, again and again. */
function journal(...words: string[]): RunEvent[] {
  return words.map((word, index) => {
    const [kind, how] = word.split(' ')
    const payload =
      kind === 'step_start'
        ? { node: how }
        : kind === 'recovered'
          ? { queued: how === 'queued', clean: how === 'clean' }
          : kind === 'tool_result'
            ? { status: how }
            : kind === 'log'
              ? { data: { alone: how === 'alone' } }
              : {}
    // Only what is looked at.
    return { kind, payload, seq: index + 1, iteration: 1 } as unknown as RunEvent
  })
}

describe('the deaths of a server at work on a run', () => {
  it('count from the last progress on', () => {
    expect(crashesOf(journal('goal_check', 'step_start evaluate'))).toMatchObject({
      count: 1,
      isSuspect: false,
    })
    expect(
      crashesOf(
        journal(
          'step_start act',
          'recovered',
          'tool_result ok',
          'step_start act',
          'recovered',
          'step_start act',
        ),
      ),
    ).toMatchObject({ count: 2, isSuspect: true, isLoop: false })
  })

  it('are a loop when there are three of them, at the last of which it was alone', () => {
    const begun = [
      'goal_check',
      'step_start evaluate',
      'recovered',
      'step_start evaluate',
      'recovered queued',
    ]
    const suspected = { count: MAX_CRASHES, isSuspect: true }
    for (const [said, isLoop] of [
      [['log alone'], true],
      [[], false],
      [['log alone', 'log others'], false],
    ] as const)
      expect(crashesOf(journal(...begun, ...said, 'step_start evaluate'))).toEqual({ ...suspected, isLoop })
  })

  it('are no progress by what the restart itself wrote', () => {
    const life = ['recovered', 'tool_result interrupted', 'log alone', 'step_start act']
    expect(crashesOf(journal('tool_call', 'step_start act', ...life, ...life)).isLoop).toBe(true)
  })

  it('say nothing against a run that waited in line, or that was stopped in order', () => {
    const waited = journal('goal_check', 'step_start act', 'recovered queued')
    expect(crashesOf(waited)).toMatchObject({ count: 0 })
    const stopped = journal('goal_check', 'step_start act', 'recovered clean', 'step_start act')
    expect(crashesOf(stopped)).toMatchObject({ count: 1, isSuspect: false })
  })

  it('say little where the model was asked, or nothing had begun: many make it a suspect, and only alone a loop', () => {
    for (const life of [['recovered', 'step_start plan'], ['recovered']]) {
      const times = (count: number, ...more: string[]) =>
        journal(
          'goal_check',
          'step_start plan',
          ...Array(count - 1)
            .fill(life)
            .flat(),
          ...more,
        )
      expect(crashesOf(times(5))).toMatchObject({ count: 5, isLoop: false, isSuspect: false })
      expect(crashesOf(times(10))).toMatchObject({ isLoop: false, isSuspect: true })
      const alone = ['recovered queued', 'log alone', 'step_start plan']
      expect(crashesOf(times(10, ...alone, ...alone)).isLoop).toBe(false)
      expect(crashesOf(times(10, ...alone, ...alone, ...alone)).isLoop).toBe(true)
    }
  })
})
