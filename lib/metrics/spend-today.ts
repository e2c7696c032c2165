// What model calls have cost since midnight, where the server is. Counted from the events as they are stored; of the hours
// before this server started, read once.
import type { RunEvent } from '#lib/contract/event'
import type { Spend } from '#lib/contract/live'

export interface SpendToday {
  /** Never throws. Call with what was stored. */
  observe(events: RunEvent[]): void
  /** Call once with what was stored before; what came live meanwhile is not counted twice. */
  load(past: (since: number) => AsyncIterable<RunEvent[]>): Promise<void>
  get(): Spend
}

export function createSpendToday({ now = Date.now }: { now?: () => number } = {}): SpendToday {
  let day = midnightBefore(now())
  let usd = 0
  let unpriced = 0
  /** What came live while the past is read. */
  let live: Set<string> | null = null

  function toToday() {
    const today = midnightBefore(now())
    if (today === day) return
    day = today
    usd = 0
    unpriced = 0
  }

  function add(event: RunEvent) {
    if (event.kind !== 'llm_usage' || event.ts * 1000 < day) return
    if (event.payload.cost_usd === null) unpriced += 1
    else usd += event.payload.cost_usd
  }

  return {
    observe(events) {
      toToday()
      for (const event of events) {
        live?.add(keyOf(event))
        add(event)
      }
    },
    async load(past) {
      live = new Set()
      try {
        for await (const events of past(day)) {
          for (const event of events) if (!live.has(keyOf(event))) add(event)
        }
      } finally {
        live = null
      }
    },
    get() {
      toToday()
      return {
        usd: Math.round(usd * 1e6) / 1e6,
        since: `${new Date(day).toISOString().slice(0, 19)}Z`,
        unpriced_calls: unpriced,
      }
    },
  }
}

const keyOf = ({ run_id, seq }: RunEvent) => `${run_id} ${seq}`

function midnightBefore(ms: number): number {
  const date = new Date(ms)
  date.setHours(0, 0, 0, 0)
  return date.getTime()
}
