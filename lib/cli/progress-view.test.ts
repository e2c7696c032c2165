import { expect, test } from 'vitest'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import { checkEvent, endEvent, gateEvent, startEvent, usageEvent } from '#lib/testing/records'
import { bar, createProgressView } from './progress-view.ts'

const tests = (failed: number, total: number) => ({
  passed: total - failed,
  failed,
  skipped: 0,
  total,
  failing: [],
  newly_failing: [],
  fixed: [],
})

function view() {
  const progress = createProgressView()
  let seq = 0
  return {
    take(ts: number, event: NewEvent, current: string | null = null) {
      seq += 1
      progress.take({ ...event, run_id: 'r', seq, ts } as RunEvent, current)
    },
    text: (seconds: number) => progress.lines(seconds * 1000).map(({ text }) => text),
  }
}

const step = (node: 'plan' | 'act' | 'evaluate' | 'human_check', iteration: number): NewEvent => ({
  kind: 'step_start',
  iteration,
  payload: { node },
})

test('two lines say what goes on and since when, and how far it is', () => {
  const { take, text } = view()
  expect(text(0)).toEqual([])
  take(100, startEvent({ max_iterations: 20 }))
  take(100, step('evaluate', 0), 'the check runs')
  expect(text(101)[0]).toMatch(/^. baseline · evaluate · the check runs · 00:01$/)
  take(102, checkEvent({ tests: tests(5, 40) }, 0))
  take(103, step('plan', 1), 'the model thinks')
  take(110, usageEvent({ input_tokens: 12_000, output_tokens: 400, cost_usd: 0.04 }))
  take(111, step('act', 1), 'bash_exec pytest -q')
  take(115, checkEvent({ tests: tests(2, 40) }, 1))
  expect(text(160)[0]).toMatch(/iteration 1\/20 · act · 00:45$/)
  expect(text(160)[1]).toBe('  ███████████████████░ failing 5 → 2 of 40 · 12.4k tokens · $0.04 · 01:00')
})

test('nothing is shown while a person is asked, and after the end', () => {
  const { take, text } = view()
  take(1, startEvent())
  take(2, step('human_check', 1))
  take(3, gateEvent('g'))
  expect(text(4)).toEqual([])
  take(5, step('plan', 2), 'the model thinks')
  expect(text(6)).toHaveLength(2)
  take(7, endEvent())
  expect(text(8)).toEqual([])
})

test('a bar is full only when all of it is done', () => {
  expect(bar(199, 200)).toBe(`${'█'.repeat(19)}░`)
  expect(bar(200, 200)).toBe('█'.repeat(20))
  expect(bar(0, 0)).toBe('░'.repeat(20))
})
