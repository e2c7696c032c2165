// What a person is asked to approve stands there whole, with everything in it that hides.
import { expect, test } from 'vitest'
import type { EventOf } from '#lib/contract/event'
import { createPaint } from './colour.ts'
import { gateLines } from './gate-prompt.ts'

function gate(payload: Partial<EventOf<'human_check_required'>['payload']>): EventOf<'human_check_required'> {
  return {
    kind: 'human_check_required',
    run_id: 'r',
    iteration: 0,
    seq: 9,
    ts: 1,
    payload: {
      iteration: 0,
      summary: 'a check was written',
      gate_id: 'g',
      diff_stat: null,
      diff_hash: null,
      total_diff_stat: null,
      flags: [],
      cost_usd: null,
      iteration_cost_usd: null,
      failing_before: null,
      tests: null,
      agent_says: null,
      ...payload,
    },
  }
}

test('a written check is shown with its command and every file', () => {
  const check = {
    command: 'node check.mjs\u202e --quiet\nrm -rf build\u200b',
    files: [{ path: 'check\u202esjm.', content: '\u001b[2Jprocess.exit(0)\u009b1A\n' }],
  }
  const lines = gateLines(gate({ check }), createPaint(false))
  expect(lines.slice(lines.indexOf('  the check that was written:'))).toEqual([
    '  the check that was written:',
    '    $ node check.mjs⟨U+202E⟩ --quiet',
    '    $ rm -rf build⟨U+200B⟩',
    '  check⟨U+202E⟩sjm.',
    '    process.exit(0)',
  ])
})

test('a gate after an iteration has none', () => {
  expect(gateLines(gate({ iteration: 2 }), createPaint(false)).join('\n')).not.toContain('the check that was')
})
