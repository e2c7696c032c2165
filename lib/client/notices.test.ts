import { expect, test } from 'vitest'
import { NOTICE_DEFAULTS, noticeOf, outdatedTag, readNoticeSettings } from './notices.ts'
import { summary } from './run-summary.fixture.ts'

const gate = (gate_id: string) => ({
  gate_id,
  iteration: 2,
  opened_at: '2026-02-18T12:00:00Z',
  summary: '3 failing',
})
const running = summary({ failing: 5 })
const waiting = summary({ status: 'waiting', gate: gate('g1') })

test('a gate that opens is told once, with the way to it', () => {
  expect(noticeOf(running, waiting, NOTICE_DEFAULTS)).toEqual({
    kind: 'gate',
    tag: 'g1',
    title: 'Needs you: pytest in shop',
    body: '3 failing',
    href: `/runs/${waiting.run_id}/gate/g1`,
  })
  expect(noticeOf(waiting, { ...waiting, updated_at: 'later' }, NOTICE_DEFAULTS)).toBeNull()
  expect(noticeOf(waiting, { ...waiting, gate: gate('g2') }, NOTICE_DEFAULTS)?.tag).toBe('g2')
  expect(noticeOf(running, waiting, { ...NOTICE_DEFAULTS, gates: false })).toBeNull()
})

test('its notice goes when it is decided anywhere', () => {
  expect(outdatedTag(waiting, running)).toBe('g1')
  expect(outdatedTag(waiting, waiting)).toBeNull()
  expect(outdatedTag(running, waiting)).toBeNull()
})

test('an end is told once, as it was', () => {
  const ended = summary({
    status: 'exhausted',
    reason: 'The iterations are spent',
    iteration: 20,
    estimated_cost_usd: 3.1,
  })
  expect(noticeOf(running, ended, NOTICE_DEFAULTS)).toMatchObject({
    kind: 'end',
    title: 'Exhausted: pytest in shop',
    body: 'The iterations are spent · 20 of 20 iterations · $3.10',
  })
  expect(noticeOf(ended, ended, NOTICE_DEFAULTS)).toBeNull()
})

test('progress is told where it is wanted, and only when it is one', () => {
  const wanted = { ...NOTICE_DEFAULTS, progress: true }
  expect(noticeOf(running, summary({ failing: 2 }), NOTICE_DEFAULTS)).toBeNull()
  expect(noticeOf(running, summary({ failing: 2 }), wanted)?.title).toBe('2 failing, was 5: pytest in shop')
  expect(noticeOf(running, summary({ failing: 6 }), wanted)).toBeNull()
  expect(noticeOf(null, summary({ failing: 2 }), wanted)).toBeNull()
})

test('settings that are not ours are the usual ones: quiet', () => {
  for (const text of ['', '[]', '{"desktop": "yes"}', 'null'])
    expect(readNoticeSettings(text)).toEqual(NOTICE_DEFAULTS)
  expect(readNoticeSettings('{"sound": true, "gates": false}')).toMatchObject({
    sound: true,
    gates: false,
    ends: true,
  })
})
