import { expect, test } from 'vitest'
import {
  goesOnWhen,
  PAUSE_WORDS,
  placeInLine,
  priorityWords,
  queueWords,
  resumedWords,
} from './hold-words.ts'

test('a place in the line is told with the reason for the line', () => {
  const reason = 'All 4 slots are taken'
  expect(queueWords({ position: 1, reason })).toBe('Next in line: all 4 slots are taken')
  expect(queueWords({ position: 3, reason })).toMatch(/^Number 3 in line: all 4/)
})

test('a run that is not in the line yet has only its reason', () => {
  const queue = { position: null, reason: 'It starts in a moment' }
  expect(placeInLine(queue)).toBeNull()
  expect(queueWords(queue)).toBe('It starts in a moment')
})

test('a pause says when it is over, unless that is a time', () => {
  expect(goesOnWhen({ reason: 'disk_full', retry_at: null })).toMatch(/as soon as there is room/)
  expect(goesOnWhen({ reason: 'model_quota', retry_at: null })).toMatch(/resumes it/)
  expect(goesOnWhen({ reason: 'model_unavailable', retry_at: 1_800_000_000 })).toBeNull()
  expect(new Set(Object.values(PAUSE_WORDS)).size).toBe(3)
})

test('the end of a pause says who ended it, and whether the run goes on at once', () => {
  expect(resumedWords({ by: 'server', queued: false })).toBe('The pause is over; the run goes on')
  expect(resumedWords({ by: 'cli', queued: true })).toMatch(/^Resumed by cli; .*waits for a free slot/)
})

test('a priority has its sign', () => {
  expect([priorityWords(5), priorityWords(-5)]).toEqual(['priority +5', 'priority −5'])
})
