// A live run in two lines: what it does now and since when, and how far it is.
import { clock, compact, cost } from '#lib/client/format'
import { addCost } from '#lib/contract/add-cost'
import type { RunEvent } from '#lib/contract/event'
import type { LiveLine } from './panel.ts'

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const BAR = 20

export interface ProgressView {
  /** In order of seq. `current`: what runs now, as far as the lines above know. */
  take(event: RunEvent, current: string | null): void
  /** None before the run has begun, while it waits for a person, and after its end. */
  lines(nowMs: number): LiveLine[]
}

export function createProgressView(): ProgressView {
  let isShown = false
  let startedMs = 0
  let sinceMs = 0
  let now: string | null = null
  let step = 'begins'
  let iteration = 0
  let most: number | null = null
  let tests: { passed: number; failed: number; total: number } | null = null
  let failingAtStart: number | null = null
  let tokens = 0
  let spent: number | null = 0

  function take(event: RunEvent, current: string | null) {
    if (startedMs === 0) startedMs = event.ts * 1000
    iteration = Math.max(iteration, event.iteration)
    if (current !== now || event.kind === 'step_start') sinceMs = event.ts * 1000
    now = current
    switch (event.kind) {
      case 'run_start':
        isShown = true
        most = event.payload.max_iterations
        return
      case 'config_changed': {
        const { max_iterations } = event.payload.changes
        if (typeof max_iterations === 'number') most = max_iterations
        return
      }
      case 'step_start':
        isShown = event.payload.node !== 'human_check'
        step = event.payload.node
        return
      case 'llm_usage': {
        const { payload } = event
        tokens +=
          payload.input_tokens +
          payload.output_tokens +
          payload.cache_read_input_tokens +
          payload.cache_creation_input_tokens
        spent = addCost(spent, payload.cost_usd)
        return
      }
      case 'goal_check':
        tests = event.payload.tests
        if (failingAtStart === null && tests) failingAtStart = tests.failed
        return
      case 'paused':
      case 'human_check_required':
      case 'run_end':
        isShown = false
    }
  }

  function lines(nowMs: number): LiveLine[] {
    if (!isShown) return []
    const frame = SPINNER[Math.floor(nowMs / 1000) % SPINNER.length] ?? ''
    const where = iteration === 0 ? 'baseline' : `iteration ${iteration}${most === null ? '' : `/${most}`}`
    const what = [where, step, ...(now === null ? [] : [now]), clock(nowMs - sinceMs)]
    const facts = [
      ...(tests ? [`${bar(tests.passed, tests.total)} ${failingText(tests)}`] : []),
      `${compact(tokens)} tokens`,
      ...(spent === null ? [] : [cost(spent)]),
      clock(nowMs - startedMs),
    ]
    return [
      { text: `${frame} ${what.join(' · ')}`, style: 'cyan' },
      { text: `  ${facts.join(' · ')}`, style: 'dim' },
    ]
  }

  /** `failing 5 → 2 of 41` */
  function failingText({ failed, total }: { failed: number; total: number }): string {
    const before = failingAtStart === null || failingAtStart === failed ? '' : `${failingAtStart} → `
    return `failing ${before}${failed} of ${total}`
  }

  return { take, lines }
}

/** Full only when all of it is: 199 of 200 must not look done. */
export function bar(done: number, total: number): string {
  const full = total <= 0 ? 0 : Math.min(Math.floor((done / total) * BAR), BAR)
  return '█'.repeat(full) + '░'.repeat(BAR - full)
}
