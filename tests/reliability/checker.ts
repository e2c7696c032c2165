// Holds what is stored against everything that was seen from outside: by the clients, by the commands themselves, by the model.
import type { Follower } from './clients.ts'
import type { Stored, StoredEvent } from './database.ts'
import type { GateAnswer } from './deciders.ts'
import type { LedgerEntry } from './ledger.ts'
import type { Ask, Plan } from './workload.ts'

/** A run whose create was answered with 2xx. */
export interface Acknowledged {
  plan: Plan
  runId: string
}

export interface Evidence {
  stored: Stored
  acknowledged: Acknowledged[]
  /** Pairs of answers to creates with one key that named different runs. */
  keysWithTwoRuns: number
  followers: Follower[]
  ledger: Map<string, LedgerEntry>
  asks: Ask[]
  answers: GateAnswer[]
  /** Runs whose abort was answered with 200. */
  aborted: Set<string>
  /** Work below which nothing is proven. */
  least: { toolCalls: number; events: number }
}

export type Figures = Record<string, number | string>

const READ_ONLY = new Set(['file_read', 'grep_search', 'find_files', 'file_list', 'git_diff', 'run_check'])
const FINAL = new Set(['achieved', 'exhausted', 'failed', 'aborted'])

export function check(evidence: Evidence): { figures: Figures; broken: string[] } {
  const broken: string[] = []
  const figures: Figures = {}
  /** Figures that must be 0, each with what it means when it is not. */
  const none = (name: string, found: string[] | number, meaning: string) => {
    const count = typeof found === 'number' ? found : found.length
    figures[name] = count
    if (count === 0) return
    const example = typeof found === 'number' ? '' : ` (${found.slice(0, 3).join('; ')})`
    broken.push(`${name}: ${count} ${meaning}${example}`)
  }
  const least = (name: string, count: number, minimum: number) => {
    figures[name] = count
    if (count < minimum) broken.push(`${name}: ${count}, fewer than the ${minimum} that prove something`)
  }

  const { stored, acknowledged, followers } = evidence
  const events = [...stored.events.values()].flat()
  const journals = acknowledged.map(({ plan, runId }) => ({
    plan,
    runId,
    journal: stored.events.get(runId) ?? [],
    run: stored.runs.find(({ id }) => id === runId),
  }))

  figures['acknowledged runs'] = acknowledged.length
  least('events', events.length, evidence.least.events)
  least('tool calls', events.filter(({ kind }) => kind === 'tool_call').length, evidence.least.toolCalls)
  figures['events seen by clients'] = followers.reduce((sum, { events: seen }) => sum + seen.length, 0)

  const sum = (key: 'gaps' | 'duplicates' | 'ahead') =>
    followers.reduce((total, follower) => total + follower[key], 0)
  none('client gaps', sum('gaps'), 'times a client missed an event')
  none('client duplicates', sum('duplicates'), 'events came twice to a client')
  none('client ahead', sum('ahead') + aheadOf(stored, followers), 'clients know events the server does not')
  none(
    'client strange',
    followers.flatMap(({ strange }) => strange ?? []),
    'clients were answered wrongly',
  )
  none('client differs', differing(stored, followers), 'events were shown otherwise than they are stored')

  none('holes', holes(stored), 'journals are not 1…n, or their row says otherwise')
  figures.integrity = stored.integrity
  if (stored.integrity !== 'ok') broken.push(`integrity: ${stored.integrity}`)

  none(
    'lost runs',
    journals.filter(({ run }) => !run).map(({ plan }) => plan.key),
    'acknowledged runs are not stored',
  )
  none(
    'not ended',
    journals
      .filter(({ run, journal }) => !FINAL.has(run?.status ?? '') || journal.at(-1)?.kind !== 'run_end')
      .map(({ plan, run }) => `${plan.key} ${plan.kind} is ${run?.status}`),
    'acknowledged runs have not ended with run_end as their last event',
  )
  none(
    'several ends',
    journals.filter(({ journal }) => journal.filter(({ kind }) => kind === 'run_end').length > 1).length,
    'runs ended more than once',
  )
  none('ended otherwise', otherwise(journals, evidence), 'runs ended in another way than their script')

  none('keys with two runs', evidence.keysWithTwoRuns + doubleKeys(stored), 'keys name several runs')

  toolFigures(evidence, events, none, figures)
  none(
    'model calls repeated',
    repeatedAsks(evidence),
    'answers were asked for again although they were stored',
  )
  figures['model calls'] = evidence.asks.length
  gateFigures(evidence, events, none, figures)
  return { figures, broken }
}

type None = (name: string, found: string[] | number, meaning: string) => void

function aheadOf(stored: Stored, followers: Follower[]): number {
  return followers.filter(
    ({ runId, events }) => (events.at(-1)?.seq ?? 0) > (stored.events.get(runId)?.length ?? 0),
  ).length
}

function differing(stored: Stored, followers: Follower[]): string[] {
  return followers.flatMap(({ runId, events, protocol }) => {
    const bySeq = new Map((stored.events.get(runId) ?? []).map(event => [event.seq, event]))
    return events.flatMap(seen => {
      const event = bySeq.get(seen.seq)
      const same =
        event?.kind === seen.kind &&
        event.iteration === seen.iteration &&
        event.at === Math.round(seen.ts * 1000) &&
        event.text === JSON.stringify(seen.payload)
      return same ? [] : [`${protocol} ${runId} ${seen.seq}: ${seen.kind} is stored as ${event?.kind}`]
    })
  })
}

function holes(stored: Stored): string[] {
  return stored.runs.flatMap(({ id, lastSeq }) => {
    const journal = stored.events.get(id) ?? []
    const isWhole = journal.length === lastSeq && journal.every(({ seq }, index) => seq === index + 1)
    return isWhole ? [] : [`${id} has ${journal.length} events, its row says ${lastSeq}`]
  })
}

function otherwise(
  journals: { plan: Plan; runId: string; run?: { status: string; reason: string | null } }[],
  { stored, aborted }: Evidence,
): string[] {
  const refused = new Set(stored.gates.filter(gate => gate.decision === 'abort').map(gate => gate.runId))
  return journals.flatMap(({ plan, runId, run }) => {
    if (!run || !FINAL.has(run.status)) return [] // said elsewhere
    const wanted = aborted.has(runId) || refused.has(runId) ? ['aborted'] : ['achieved']
    // Its abort may have come too late, or its answer got lost before the run ended by it.
    if (plan.kind === 'aborted') wanted.push('achieved', 'aborted')
    return wanted.includes(run.status) ? [] : [`${plan.key} ${plan.kind} is ${run.status}: ${run.reason}`]
  })
}

function doubleKeys({ runs }: Stored): number {
  const keys = runs.flatMap(({ idempotencyKey }) => idempotencyKey ?? [])
  return keys.length - new Set(keys).size + (runs.length - keys.length)
}

const idOf = (event: StoredEvent) => String(event.payload.call_id)

function toolFigures({ ledger }: Evidence, events: StoredEvent[], none: None, figures: Figures) {
  const calls = events.filter(({ kind }) => kind === 'tool_call')
  const results = events.filter(({ kind }) => kind === 'tool_result')
  const count = (list: StoredEvent[]) => {
    const counts = new Map<string, number>()
    for (const event of list) {
      const id = `${event.runId} ${idOf(event)}`
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    return counts
  }
  const callCounts = count(calls)
  const resultCounts = count(results)
  const status = new Map(results.map(event => [idOf(event), String(event.payload.status)]))
  const intended = new Set(calls.map(idOf))

  figures['commands run'] = ledger.size
  figures.interrupted = results.filter(({ payload }) => payload.status === 'interrupted').length
  none(
    'tool calls run twice',
    [...ledger].filter(([, { starts }]) => starts > 1).map(([id]) => id),
    'commands were run more than once',
  )
  none(
    'unaccounted',
    [
      ...[...ledger.keys()]
        .filter(id => !intended.has(id))
        .map(id => `${id} ran without being stored before`),
      ...[...ledger.keys()].filter(id => !status.has(id)).map(id => `${id} ran and has no result`),
      ...[...status]
        .filter(([id, said]) => said === 'ok' && ledger.get(id)?.ends === 0)
        .map(([id]) => `${id} is ok and never finished`),
      ...calls
        .filter(event => event.payload.tool === 'bash_exec')
        .map(idOf)
        .filter(id => status.get(id) === 'ok' && !ledger.has(id))
        .map(id => `${id} is ok and never ran`),
    ],
    'commands do not agree with their results',
  )
  none(
    'calls without one result',
    [...callCounts.keys()].filter(id => resultCounts.get(id) !== 1),
    'tool calls have no result, or several',
  )
  none(
    'results without one call',
    [...resultCounts.keys()].filter(id => callCounts.get(id) !== 1),
    'results have no tool call, or it was stored several times',
  )
  none(
    'read-only calls interrupted',
    results
      .filter(({ payload }) => payload.status === 'interrupted' && READ_ONLY.has(String(payload.tool)))
      .map(idOf)
      .filter(id => !endedWith(events, id)),
    'calls that only read were reported as interrupted instead of being run again',
  )
}

/** Whether the run was ended while this call was open: then there is no time to run it again. */
function endedWith(events: StoredEvent[], callId: string): boolean {
  const at = events.findIndex(event => event.kind === 'tool_result' && idOf(event) === callId)
  const result = events[at]
  for (const event of events.slice(at + 1)) {
    if (event.runId !== result?.runId) return false
    if (event.kind === 'run_end') return true
    if (event.kind !== 'tool_result' && event.kind !== 'human_check_response' && event.kind !== 'error')
      return false
  }
  return false
}

/** Requests for an answer that came after that answer had been stored. */
function repeatedAsks({ asks, acknowledged, stored }: Evidence): string[] {
  const storedAt = new Map<string, number>()
  for (const { plan, runId } of acknowledged) {
    const responses = (stored.events.get(runId) ?? []).filter(({ kind }) => kind === 'model_response')
    responses.forEach((event, turn) => {
      storedAt.set(`${plan.index} ${turn}`, event.at)
    })
  }
  return asks.flatMap(({ run, turn, at }) => {
    const answered = storedAt.get(`${run} ${turn}`)
    return answered !== undefined && at > answered ? [`run ${run} turn ${turn}`] : []
  })
}

function gateFigures({ stored, answers }: Evidence, events: StoredEvent[], none: None, figures: Figures) {
  const decided = new Map(stored.gates.map(({ id, decision }) => [id, decision]))
  const responses = events.filter(({ kind }) => kind === 'human_check_response')
  const perGate = new Map<string, number>()
  for (const { payload } of responses) {
    const id = String(payload.gate_id)
    perGate.set(id, (perGate.get(id) ?? 0) + 1)
  }
  figures.gates = stored.gates.length
  figures['answers to gates'] = answers.length
  none(
    'gates with two answers',
    [
      ...[...perGate].filter(([, count]) => count > 1).map(([id]) => `${id} was answered several times`),
      ...answers
        .filter(({ gateId, status, decision }) => status === 200 && decision !== decided.get(gateId))
        .map(
          ({ gateId, decision }) => `${gateId}: ${decision} was confirmed, ${decided.get(gateId)} is stored`,
        ),
    ],
    'gates have no single answer',
  )
  none(
    'gate answers wrong',
    answers
      .filter(({ gateId, wanted, status }) => status !== (decided.get(gateId) === wanted ? 200 : 409))
      .map(({ gateId, wanted, status }) => `${gateId}: ${wanted} was answered with ${status}`),
    'answers are neither 200 for what was decided nor 409 for the opposite',
  )
}
