// The rows of the runs list while it is open: values change in place, order never changes under the pointer.
import type { RunCounts, RunStatus, RunSummary } from '../contract/runs.ts'
import { matches, type RunFilter } from './run-filter.ts'
import { compareRuns } from './run-sort.ts'

export type StatusCounts = Record<RunStatus, number>
/** What can be chosen in each filter, and how many runs that would show. */
export type Choices = Pick<RunCounts, 'goal' | 'cwd' | 'model_name'>

export interface RunListState {
  filter: RunFilter
  /** In the order of the filter; ids of what is shown, «needs you» ones included. */
  order: string[]
  byId: ReadonlyMap<string, RunSummary>
  /** Shown in the group on top, oldest gate first. Follows the statuses, except while `held`. */
  needsYou: string[]
  /** New runs that came while the list was held or scrolled; behind the pill. */
  fresh: string[]
  /** Of the runs that the filter leaves, whatever their status. */
  counts: StatusCounts
  /** Of all runs there are. */
  total: number
  choices: Choices
  /** What came live since the last resync: a page that was rendered meanwhile may be older than that. */
  heard: ReadonlyMap<string, RunSummary>
  /** Of the next older page; null when all are here. */
  cursor: string | null
  /** The pointer or the focus is on the list: nothing may move. */
  held: boolean
  /** The list is not at its top: what comes new would push what is read. */
  scrolled: boolean
}

export interface RunListPage {
  filter: RunFilter
  runs: RunSummary[]
  counts: StatusCounts
  total: number
  choices: Choices
  cursor: string | null
}

export type RunListAction =
  /** `before`: the status the frame knew the run by, when it is not in this list. */
  | { kind: 'changed'; run: RunSummary; before: RunStatus | null; now: number }
  /** Changes may have been missed; a page that is rendered from here on knows them. */
  | { kind: 'resync' }
  | { kind: 'held'; held: boolean }
  | { kind: 'scrolled'; scrolled: boolean }
  | { kind: 'show_fresh' }
  | { kind: 'older'; runs: RunSummary[]; cursor: string | null }
  /** The server rendered the page again: another filter, or the same after changes may have been missed. */
  | { kind: 'rendered'; page: RunListPage }

export function createRunList(page: RunListPage): RunListState {
  return settle({
    ...page,
    order: page.runs.map(r => r.run_id),
    byId: new Map(page.runs.map(r => [r.run_id, r])),
    needsYou: [],
    fresh: [],
    heard: new Map(),
    held: false,
    scrolled: false,
  })
}

export function runList(state: RunListState, action: RunListAction): RunListState {
  switch (action.kind) {
    case 'changed':
      return settle(changed({ ...state, heard: withRuns(state.heard, [action.run]) }, action))
    case 'resync':
      return { ...state, heard: new Map() }
    case 'held':
      return settle({ ...state, held: action.held })
    case 'scrolled':
      return settle({ ...state, scrolled: action.scrolled })
    case 'show_fresh':
      return settle(showFresh(state))
    case 'older': {
      const added = action.runs.filter(r => !state.byId.has(r.run_id))
      return settle({
        ...state,
        order: [...state.order, ...added.map(r => r.run_id)],
        byId: withRuns(state.byId, added),
        cursor: action.cursor,
      })
    }
    case 'rendered':
      return rendered(state, { ...action.page, runs: action.page.runs.map(run => newer(state, run)) })
  }
}

/** What is shown below the «needs you» group, in order. */
export function otherRuns(state: RunListState): string[] {
  const above = new Set(state.needsYou)
  return state.order.filter(id => !above.has(id))
}

function changed(
  state: RunListState,
  { run, before, now }: Extract<RunListAction, { kind: 'changed' }>,
): RunListState {
  const known = state.byId.get(run.run_id)
  const from = known?.status ?? before
  const isCounted = matches(run, { ...state.filter, status: '' }, now)
  const counts = isCounted ? recount(state.counts, from, run) : state.counts
  const counted = { ...state, counts, total: state.total + (from === null ? 1 : 0) }
  // A row that no longer fits the filter stays until the page is opened again: nothing vanishes while it is read.
  if (known) return { ...counted, byId: withRuns(state.byId, [run]) }
  if (!matches(run, state.filter, now)) return counted
  // Further down than all that is loaded: it belongs to a page that is not here yet.
  const last = state.byId.get(otherRuns(state).at(-1) ?? '')
  if (state.cursor !== null && last && compareRuns(state.filter.sort)(run, last) > 0) return counted
  const byId = withRuns(state.byId, [run])
  return { ...counted, byId, fresh: placed([run.run_id], state.fresh, { ...state, byId }) }
}

/** A run whose former status nobody knows is new. */
function recount(counts: StatusCounts, before: RunStatus | null, run: RunSummary): StatusCounts {
  if (before === run.status) return counts
  const next = { ...counts }
  if (before) next[before] = Math.max(0, next[before] - 1)
  next[run.status] += 1
  return next
}

/** Every change comes live too, so what was heard is never behind for long; a page stays as it was rendered. */
function newer({ heard }: RunListState, run: RunSummary): RunSummary {
  const live = heard.get(run.run_id)
  return live && live.last_seq >= run.last_seq ? live : run
}

function rendered(state: RunListState, page: RunListPage): RunListState {
  const fresh = { ...createRunList(page), heard: state.heard }
  if (JSON.stringify(page.filter) !== JSON.stringify(state.filter)) return fresh
  // The same list again: older pages stay loaded, and what is new comes as if it had come live.
  const known = new Set(state.order)
  const added = page.runs.filter(r => !known.has(r.run_id))
  const byId = withRuns(state.byId, page.runs)
  const { counts, total, choices } = page
  const isNew = (id: string) => !state.fresh.includes(id)
  return settle({
    ...state,
    counts,
    total,
    choices,
    byId,
    fresh: placed(added.map(r => r.run_id).filter(isNew), state.fresh, { ...state, byId }),
  })
}

/** Brings groups and new rows up to date, as far as nobody is disturbed by it. */
function settle(state: RunListState): RunListState {
  if (state.held && state.order.length > 0) return state
  const settled = state.scrolled && state.order.length > 0 ? state : showFresh(state)
  const waiting = settled.order
    .filter(id => settled.byId.get(id)?.status === 'waiting')
    .sort((a, b) => openedAt(settled, a).localeCompare(openedAt(settled, b)))
  if (waiting.join() === settled.needsYou.join()) return settled
  return { ...settled, needsYou: waiting }
}

const openedAt = (state: RunListState, id: string) => state.byId.get(id)?.gate?.opened_at ?? ''

function showFresh(state: RunListState): RunListState {
  if (state.fresh.length === 0) return state
  return { ...state, order: placed(state.fresh, state.order, state), fresh: [] }
}

/** New ids among those that are shown, each before the first that comes after it: those keep their order, whatever has changed. */
function placed(
  added: readonly string[],
  shown: readonly string[],
  { byId, filter }: Pick<RunListState, 'byId' | 'filter'>,
): string[] {
  const compare = compareRuns(filter.sort)
  const order = [...shown]
  for (const id of added) {
    const run = byId.get(id)
    if (!run) continue
    const place = order.findIndex(other => compare(run, byId.get(other) ?? run) < 0)
    order.splice(place === -1 ? order.length : place, 0, id)
  }
  return order
}

function withRuns(
  byId: ReadonlyMap<string, RunSummary>,
  runs: RunSummary[],
): ReadonlyMap<string, RunSummary> {
  const next = new Map(byId)
  for (const run of runs) next.set(run.run_id, run)
  return next
}
