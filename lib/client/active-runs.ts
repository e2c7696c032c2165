// The runs that have not ended, kept up to date: the frame counts them, and «needs you» is some of them.
import type { RunSummary } from '../contract/runs.ts'
import { call } from './call.ts'
import { listRuns } from './endpoints.ts'
import { ACTIVE, isFinal } from './status.ts'

export interface ActiveRuns {
  subscribe(listener: () => void): () => void
  /** Newest first; the same array until something changes. */
  get(): RunSummary[]
  update(run: RunSummary): void
  /** Asks the server again, after changes may have been missed. Never rejects: the next connection asks again. */
  refetch(): void
}

export function createActiveRuns(initial: RunSummary[]): ActiveRuns {
  const listeners = new Set<() => void>()
  let runs = initial
  /** What comes live while the server is asked: its answer may be older. */
  let heard: RunSummary[] | null = null

  function set(next: RunSummary[]) {
    runs = next
    for (const listener of listeners) listener()
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get: () => runs,
    update(run) {
      heard?.push(run)
      set(withRun(runs, run))
    },
    refetch() {
      const since: RunSummary[] = []
      heard = since
      call(listRuns, { query: { status: ACTIVE.join(','), limit: 200 } }).then(
        answer => {
          if (heard !== since) return // asked again meanwhile
          set(since.reduce(withRun, answer))
          heard = null
        },
        () => {},
      )
    },
  }
}

/** Newest first; a run that has ended leaves. */
export function withRun(runs: RunSummary[], run: RunSummary): RunSummary[] {
  const others = runs.filter(r => r.run_id !== run.run_id)
  if (isFinal(run.status)) return others
  const place = others.findIndex(r => r.created_at <= run.created_at)
  return others.toSpliced(place === -1 ? others.length : place, 0, run)
}
