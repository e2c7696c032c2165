// Who looks at which gate right now: a page says so while it shows one, and hears who else does. Nothing is kept of it.
import type { Reviewer } from '#lib/contract/live'
import { LIMITS } from '#lib/limits'

/** A page's end of it. */
export interface ReviewingPage {
  emit(event: 'reviewers', message: { gate_id: string; others: Reviewer[] }): unknown
}

export interface Reviewers {
  /** Whatever came over the wire; what is not as it should be is left out. */
  join(page: ReviewingPage, message: unknown): void
  leave(page: ReviewingPage, message: unknown): void
  /** The page is gone. */
  leaveAll(page: ReviewingPage): void
}

const LONGEST_WORD = 200

export function createReviewers(): Reviewers {
  /** gate → page → its browser. */
  const gates = new Map<string, Map<ReviewingPage, string>>()

  function tell(gateId: string) {
    const pages = gates.get(gateId) ?? new Map<ReviewingPage, string>()
    for (const [page, browser] of pages) {
      const others = [...pages]
        .filter(([other]) => other !== page)
        .map(([, word]) => ({ is_same_browser: word === browser }))
      page.emit('reviewers', { gate_id: gateId, others })
    }
  }

  function leave(page: ReviewingPage, gateId: string) {
    const pages = gates.get(gateId)
    if (!pages?.delete(page)) return
    if (pages.size === 0) gates.delete(gateId)
    tell(gateId)
  }

  const ofPage = (page: ReviewingPage) =>
    [...gates].filter(([, pages]) => pages.has(page)).map(([gateId]) => gateId)

  return {
    join(page, message) {
      const gateId = wordOf(message, 'gate_id')
      const browser = wordOf(message, 'browser')
      if (gateId === null || browser === null) return
      const others = ofPage(page).filter(id => id !== gateId)
      if (others.length >= LIMITS.gatesReviewed) return
      const pages = gates.get(gateId) ?? new Map<ReviewingPage, string>()
      gates.set(gateId, pages.set(page, browser))
      tell(gateId)
    },
    leave(page, message) {
      const gateId = wordOf(message, 'gate_id')
      if (gateId !== null) leave(page, gateId)
    },
    leaveAll(page) {
      for (const gateId of ofPage(page)) leave(page, gateId)
    },
  }
}

function wordOf(message: unknown, name: string): string | null {
  if (typeof message !== 'object' || message === null) return null
  const value: unknown = Object.getOwnPropertyDescriptor(message, name)?.value
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_WORD ? value : null
}
