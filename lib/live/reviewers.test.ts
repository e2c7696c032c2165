import { expect, test } from 'vitest'
import type { Reviewer } from '#lib/contract/live'
import { LIMITS } from '#lib/limits'
import { createReviewers } from './reviewers.ts'

function page() {
  const heard: [string, Reviewer[]][] = []
  return {
    heard,
    emit: (_event: 'reviewers', { gate_id, others }: { gate_id: string; others: Reviewer[] }) =>
      heard.push([gate_id, others]),
  }
}
const ELSEWHERE = { is_same_browser: false }
const HERE = { is_same_browser: true }

test('each page hears who else looks at its gate, at first and when it changes', () => {
  const reviewers = createReviewers()
  const [ana, tab, bo, other] = [page(), page(), page(), page()]
  reviewers.join(ana, { gate_id: 'g1', browser: 'firefox-of-ana' })
  reviewers.join(tab, { gate_id: 'g1', browser: 'firefox-of-ana' })
  reviewers.join(bo, { gate_id: 'g1', browser: 'safari-of-bo' })
  reviewers.join(other, { gate_id: 'g2', browser: 'safari-of-bo' })
  expect(ana.heard).toEqual([
    ['g1', []],
    ['g1', [HERE]],
    ['g1', [HERE, ELSEWHERE]],
  ])
  expect(other.heard).toEqual([['g2', []]])
  reviewers.leave(tab, { gate_id: 'g1' })
  reviewers.leaveAll(bo)
  expect(ana.heard.slice(3)).toEqual([
    ['g1', [ELSEWHERE]],
    ['g1', []],
  ])
  expect(bo.heard.at(-1)).toEqual(['g1', [ELSEWHERE]])
})

test('what is no such message does nothing, and a page looks at a few gates only', () => {
  const reviewers = createReviewers()
  const one = page()
  for (const message of [null, 1, 'x', {}, { gate_id: 1, browser: 'b' }, { gate_id: 'g' }]) {
    reviewers.join(one, message)
    reviewers.leave(one, message)
  }
  reviewers.join(one, { gate_id: 'x'.repeat(201), browser: 'b' })
  expect(one.heard).toEqual([])
  for (let i = 0; i < LIMITS.gatesReviewed + 5; i += 1)
    reviewers.join(one, { gate_id: `g${i}`, browser: 'b' })
  expect(one.heard).toHaveLength(LIMITS.gatesReviewed)
})
