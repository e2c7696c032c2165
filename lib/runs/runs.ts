// Everything that can be asked of runs: the use cases behind REST, the sockets and the pages.
import { randomUUID } from 'node:crypto'
import { endingEvents } from '#lib/agent/outcome'
import { applyEvent, initialState, type RunState } from '#lib/agent/state'
import type { NewEvent, RunEvent } from '#lib/contract/event'
import type { Decision, Resume } from '#lib/contract/gates'
import type { Network } from '#lib/contract/network'
import { isFinal, type Queued, type Run, type RunSummary } from '#lib/contract/runs'
import { crashPoint } from '#lib/crash-point'
import { AppError, isAppError, messageOf } from '#lib/errors'
import type { FaultScopes } from '#lib/fault-scopes'
import type { Disk } from '#lib/store/disk'
import type { Continued, GateRecord, RunRecord, RunSelection, Store } from '#lib/store/types'
import { changesBetween, changesOf, rangeOf, SNAPSHOT_KINDS } from './changes.ts'
import { checkPrice } from './check-price.ts'
import { createEarlierRun, refuseToContinue } from './earlier-run.ts'
import { evidenceStore } from './evidence-store.ts'
import { foldHistory } from './fold-history.ts'
import { answerEvent, diffChanged, gateSentence, refuseMisplaced, settled, undoOf } from './gate-decision.ts'
import { gateSettings } from './gate-settings.ts'
import { createGateTimeouts } from './gate-timeouts.ts'
import { withWhatTheyAsk } from './gates-asked.ts'
import { createIterations } from './iterations.ts'
import { kindsOf, namable, statusCounts, toFilter, toSelection, writeCursor } from './list-query.ts'
import { abortSentence, briefingOf, driveRun, type LiveRunParts, type StopReason } from './live-run.ts'
import { createQueue } from './queue.ts'
import { type Left, recoverRuns } from './recover.ts'
import { rerunRequest } from './rerun.ts'
import { createStart } from './start-run.ts'
import { isoTime, toRun, toSummary } from './summary.ts'
import { createTakeUp } from './take-up.ts'
import type { Caller, Runs } from './types.ts'
import { verifyRun } from './verify-run.ts'

export interface RunsOptions extends LiveRunParts {
  store: Store
  defaultCwd: string
  /** The most that runs may have of it, where the server's person said so. */
  network?: Network | null
  disk: Disk
  maxParallel: number
  maxWaiting: number
  drainMs: number
  scopes: FaultScopes
  /** The server before this one was stopped in order. */
  wasClean: boolean
}

const ALL_EVENTS = 1_000_000
/** Each may run a whole test suite. */
const MAX_VERIFYING = 2

export function createRuns(options: RunsOptions) {
  const { store, journal, models, workspaces, sandbox } = options
  const listeners = new Set<(summary: RunSummary) => void>()
  const iterationsOf = createIterations(store)
  journal.onRecord(record => announce(record))

  const queue = createQueue({
    maxParallel: options.maxParallel,
    maxWaiting: options.maxWaiting,
    drainMs: options.drainMs,
    async drive(runId, stop) {
      let isDriven = true
      // What comes late belongs to a run that has let go: it may be in line again, and is not to blame any more.
      const onFault = (error: unknown) => {
        if (isDriven) void queue.stop(runId, { kind: 'fault', error } satisfies StopReason)
      }
      const how = await options.scopes.run(onFault, () => driveRun(runId, options, stop))
      isDriven = false
      if (how === 'paused') await takeUp.scheduleRetry(runId).catch(() => takeUp.retryLater(runId))
      if (how === 'stuck') takeUp.retryLater(runId)
    },
    onMove: announceLine,
  })
  const takeUp = createTakeUp({ ...options, queue })
  const start = createStart({ ...options, queue, announce })
  const gateTimeouts = createGateTimeouts({
    store,
    journal,
    log: options.log,
    decide: (...asked) => resume(...asked),
  })
  let verifying = 0
  let left: Left = { ready: [], suspects: [], paused: [] }

  function announce(record: RunRecord) {
    const summary = toSummary(record, queuedOf(record))
    for (const listener of listeners) listener(summary)
  }

  /** Those in line have moved up, which no event of theirs says. Once for all that moves in one tick. */
  let isLineTold = true
  function announceLine() {
    if (!isLineTold) return
    isLineTold = false
    setImmediate(() => {
      isLineTold = true
      for (const runId of queue.waiting()) void journal.record(runId).then(announce, () => {})
    })
  }

  function queuedOf({ id }: RunRecord): Queued {
    const position = queue.position(id)
    if (position === null) return takeUp.whyNotInLine(id) ?? { position, reason: 'It starts in a moment' }
    const { maxParallel } = options
    const reason = maxParallel === 1 ? 'The only slot is taken' : `All ${maxParallel} slots are taken`
    return { position, reason }
  }

  const recordOf = async (runId: string): Promise<RunRecord> => {
    const record = await store.getRun(runId)
    if (!record) throw new AppError('run_not_found', `Run not found: ${runId}`)
    return record
  }
  const inWords = (record: RunRecord) => toRun(record, queuedOf(record), sandbox)
  const runOf = async (runId: string) => inWords(await recordOf(runId))

  const activeRecordOf = async (runId: string): Promise<RunRecord> => {
    const record = await recordOf(runId)
    if (isFinal(record.status))
      throw new AppError('run_not_active', `Run ${runId} has ended: ${record.status}`)
    return record
  }

  /** More to spend is what an exhausted run is wanted for: that has a way of its own. */
  async function configurableRecordOf(runId: string): Promise<RunRecord> {
    const record = await recordOf(runId)
    if (record.status !== 'exhausted') return activeRecordOf(runId)
    throw new AppError(
      'run_not_active',
      `Run ${runId} has ended: exhausted. POST /api/runs/${runId}/rerun with {"continue": true} and a higher budget goes on where it stopped`,
    )
  }

  /** What is kept of a check: of that of an iteration, else of the last one. */
  async function evidenceOf(runId: string, iteration: number | undefined) {
    const record = await recordOf(runId)
    const checks = await store.readEvents(runId, { kinds: ['goal_check'], limit: ALL_EVENTS })
    const events = checks.filter(event => event.kind === 'goal_check')
    const event = events.findLast(one => iteration === undefined || one.iteration === iteration)
    const [first] = events
    const digest = event?.payload.evidence
    const kept = digest ? await evidenceStore(store, runId).get(digest) : null
    if (!event || !first || !digest || !kept) {
      const what = iteration === undefined ? 'No check of this run' : `No check of iteration ${iteration}`
      throw new AppError('not_found', `${what} has left evidence${event ? '' : ' yet'}`)
    }
    const { base, tree } = kept
    const diff = base && tree ? await diffOf(record.cwd, base, tree) : null
    return { record, first, kept, evidence: { ...kept, digest, diff } }
  }

  /** null when the snapshots are gone, or git. */
  const diffOf = (cwd: string, base: string, tree: string) =>
    workspaces
      .snapshotsOf(cwd)
      .diff(base, tree)
      .catch(() => null)

  /** What is known of a run that is to be ended. What people told it is left out: it may be much, and nobody will read it. */
  async function stateOf(record: RunRecord): Promise<RunState> {
    const { briefing } = briefingOf(record, options)
    const state = initialState()
    // Events that come meanwhile are in the last page, and belong to it.
    await foldHistory(journal, { runId: record.id, lastSeq: record.lastSeq }, event => {
      if (event.kind !== 'note') applyEvent(state, event, briefing)
    })
    return state
  }

  async function earlierRunOf(record: RunRecord): Promise<Continued> {
    const earlier = createEarlierRun(record)
    await foldHistory(journal, { runId: record.id, lastSeq: record.lastSeq }, earlier.take)
    return earlier.end()
  }

  /** The gate that a decision is about. */
  async function gateFor(record: RunRecord, gateId: string | undefined): Promise<GateRecord> {
    const meant = gateId ?? record.gate?.gateId
    const gate = meant === undefined ? await store.latestGate(record.id) : await store.getGate(meant)
    if (gate && gate.runId === record.id) return gate
    const detail = gateId ? `has no gate ${gateId}` : `is ${record.status} and not waiting for a decision`
    throw new AppError('run_not_waiting', `Run ${record.id} ${detail}`)
  }

  /** The directory at an approval: what the next iteration begins with. Throws AppError('diff_changed') when it is not what was reviewed. */
  async function approvedTree(
    { cwd, gate }: RunRecord,
    reviewed: string | undefined,
  ): Promise<string | null> {
    const isAfterIteration = (gate?.kind ?? 'iteration') === 'iteration'
    if (reviewed === undefined && !isAfterIteration) return null
    const snapshot = async () => (await workspaces.open(cwd)).snapshot()
    if (reviewed === undefined) return snapshot().catch(() => null) // no reason not to go on
    const tree = await snapshot()
    if (tree !== reviewed) throw diffChanged()
    return isAfterIteration ? tree : null
  }

  async function undoFor(record: RunRecord, gate: GateRecord, reviewed: string | undefined) {
    const events = await store.readEvents(record.id, { kinds: SNAPSHOT_KINDS, limit: ALL_EVENTS })
    const workspace = await workspaces.open(record.cwd)
    return undoOf(gate, events, await workspace.snapshot(), reviewed)
  }

  async function resume(runId: string, request: Resume, caller: Caller): Promise<Decision> {
    const record = await recordOf(runId)
    if (record.status === 'paused' && request.gate_id === undefined)
      return resumePaused(record, request, caller)
    const gate = await gateFor(record, request.gate_id)
    if (gate.decision !== null) return settledNow(record, gate, request)
    if (isFinal(record.status)) {
      throw new AppError('run_not_waiting', `Run ${runId} was ${record.status} before this gate was decided`)
    }
    refuseMisplaced(record, gate, request)
    const tree = request.decision === 'approve' ? await approvedTree(record, request.reviewed) : null
    const undo = request.decision === 'undo' ? await undoFor(record, gate, request.reviewed) : null

    const ending = request.decision === 'abort' ? await endingOf(record, gateSentence(request, caller)) : []
    try {
      crashPoint('before-decision')
      const isQueued = request.decision !== 'abort' && queue.isBusy()
      await journal.append(runId, [answerEvent(gate, request, caller, { isQueued, undo, tree }), ...ending])
    } catch (error) {
      const lost = isAppError(error) && (error.code === 'gate_decided' || error.code === 'run_not_active')
      if (!lost) throw error
      return settledNow(await recordOf(runId), (await store.getGate(gate.id))!, request)
    }
    crashPoint('after-decision')
    if (request.decision !== 'abort') queue.push(runId, record.priority)
    crashPoint('before-decision-answer')
    return settledNow(await recordOf(runId), (await store.getGate(gate.id))!, request)
  }

  /** With what stands in the event of the decision alone. */
  async function settledNow(record: RunRecord, gate: GateRecord, request: Resume): Promise<Decision> {
    const filter = { kinds: ['human_check_response'], iteration: gate.iteration, limit: ALL_EVENTS }
    const answers = await store.readEvents(record.id, filter)
    const answer = answers.find(
      event => event.kind === 'human_check_response' && event.payload.gate_id === gate.id,
    )
    return settled(
      record,
      gate,
      request,
      answer?.kind === 'human_check_response' ? answer.payload : undefined,
    )
  }

  const endingOf = async (record: RunRecord, reason: string): Promise<NewEvent[]> => {
    const state = await stateOf(record)
    return endingEvents(state, 'aborted', reason, state.activeMs)
  }

  async function resumePaused(record: RunRecord, request: Resume, caller: Caller): Promise<Decision> {
    const { decision, note } = request
    refuseMisplaced(record, null, request)
    if (decision === 'abort') await abort(record.id, { caller, reason: note })
    else {
      if (note?.trim()) await addNote(record.id, note.trim(), caller)
      const payload = { by: caller, queued: queue.isBusy() }
      await journal.append(record.id, [{ kind: 'resumed', iteration: record.iteration, payload }])
      queue.push(record.id, record.priority)
    }
    return {
      run_id: record.id,
      status: (await recordOf(record.id)).status,
      gate_id: null,
      decision,
      decided_by: caller,
      decided_at: isoTime(Date.now()),
      note: note ?? null,
    }
  }

  async function abort(runId: string, { caller, reason }: { caller: Caller; reason?: string }): Promise<Run> {
    const record = await recordOf(runId)
    if (record.status === 'aborted') return inWords(record)
    if (isFinal(record.status))
      throw new AppError('run_not_active', `Run ${runId} has ended: ${record.status}`)
    const why = { kind: 'abort', by: caller, reason: reason?.trim() || null } satisfies StopReason
    await queue.stop(runId, why)
    try {
      // Not driven, or the loop let go for another reason at the same moment: end it here.
      const current = await recordOf(runId)
      if (!isFinal(current.status)) {
        const open = current.gate ? await store.getGate(current.gate.gateId) : null
        const answer = open ? [answerEvent(open, { decision: 'abort', note: reason }, caller)] : []
        await journal.append(runId, [...answer, ...(await endingOf(current, abortSentence(why)))])
      }
    } catch (error) {
      const isEnded = isAppError(error) && error.code === 'run_not_active'
      const isDecided = isAppError(error) && error.code === 'gate_decided'
      if (isDecided) return abort(runId, { caller, reason }) // approved at the same moment: it runs again
      if (!isEnded) throw error
    }
    return runOf(runId)
  }

  async function addNote(runId: string, text: string, caller: Caller) {
    const { iteration } = await activeRecordOf(runId)
    const [event] = await journal.append(runId, [{ kind: 'note', iteration, payload: { text, by: caller } }])
    return { seq: event!.seq }
  }

  const runs: Runs = {
    start,
    resume,
    abort,
    addNote,
    get: runOf,
    async rerun(runId, changes, how) {
      const record = await recordOf(runId)
      const { continue: isContinued = false, ...others } = changes
      if (isContinued) refuseToContinue(record, others)
      const continued = isContinued ? await earlierRunOf(record) : undefined
      return start(rerunRequest(record, others), how, record.request, continued)
    },
    async list(query) {
      const filter = toFilter(query, Date.now())
      const records = await store.listRuns({ ...filter, limit: filter.limit + 1 })
      const page = records.slice(0, filter.limit)
      return {
        runs: page.map(record => toSummary(record, queuedOf(record))),
        nextCursor: records.length > page.length ? writeCursor(page.at(-1)!, filter.sort) : null,
      }
    },
    countByStatus: () => store.countByStatus(),
    async count(query) {
      const selection = toSelection(query, Date.now())
      const without = (name: keyof RunSelection) => ({ ...selection, [name]: undefined })
      const [all, status, goal, cwd, model] = await Promise.all([
        store.countByStatus(),
        store.countRuns(without('status'), 'status'),
        store.countRuns(without('goal'), 'goal'),
        store.countRuns(without('cwd'), 'cwd'),
        store.countRuns(without('modelName'), 'modelName'),
      ])
      return {
        total: Object.values(all).reduce((sum, n) => sum + n, 0),
        status: statusCounts(status),
        goal: namable(goal),
        cwd: namable(cwd),
        model_name: namable(model),
      }
    },
    async waitForChange(runId, seconds, signal, from) {
      const before = await recordOf(runId)
      const known = from ?? before.status
      if (isFinal(before.status) || before.status !== known || seconds <= 0) return inWords(before)
      await new Promise<void>(resolve => {
        const look = (record: RunRecord) => {
          if (record.id === runId && record.status !== known) finish()
        }
        const stop = journal.onRecord(look)
        const timer = setTimeout(finish, seconds * 1000)
        signal.addEventListener('abort', finish, { once: true })
        if (signal.aborted) finish()
        // It may have changed between the reading and the listening.
        journal.record(runId).then(look, finish)
        function finish() {
          stop()
          clearTimeout(timer)
          signal.removeEventListener('abort', finish)
          resolve()
        }
      })
      return runOf(runId)
    },
    async events(runId, query) {
      await recordOf(runId)
      return store.readEvents(runId, { ...query, kinds: kindsOf(query.kind) })
    },
    async iterations(runId) {
      await recordOf(runId)
      return iterationsOf(runId)
    },
    async diff(runId, { iteration, from, to, against }) {
      const record = await recordOf(runId)
      const snapshotsOf = (id: string) => store.readEvents(id, { kinds: SNAPSHOT_KINDS, limit: ALL_EVENTS })
      const events: RunEvent[] = await snapshotsOf(runId)
      if (against !== undefined) {
        if (iteration !== undefined || from !== undefined || to !== undefined)
          throw new AppError('bad_query', 'against: compares whole runs; leave iteration, from and to out')
        const other = { record: await recordOf(against), events: await snapshotsOf(against) }
        return changesBetween(other, { record, events }, workspaces.snapshotsOf(record.cwd))
      }
      const workspace = await workspaces.open(record.cwd).catch(error => {
        throw new AppError('not_found', `No diff: ${messageOf(error)}`, { cause: error })
      })
      return changesOf(record, events, workspace, rangeOf({ iteration, from, to }))
    },
    evidence: async (runId, { iteration }) => (await evidenceOf(runId, iteration)).evidence,
    async verify(runId, { cwd, checkout, signal }) {
      const { record, first, kept } = await evidenceOf(runId, undefined)
      if (verifying >= MAX_VERIFYING)
        throw new AppError('queue_full', `${verifying} runs are verified already; wait for one to end`, {
          headers: { 'Retry-After': '5' },
        })
      verifying += 1
      try {
        const isCheckout = checkout ?? false
        return await verifyRun({ record, first, evidence: kept, cwd, isCheckout, signal }, options)
      } finally {
        verifying -= 1
      }
    },
    async gates({ status }) {
      const open = status === undefined ? undefined : status === 'open'
      return withWhatTheyAsk(store, await store.listGates({ open, limit: 200 }))
    },
    async configure(runId, changes, caller) {
      const record = await configurableRecordOf(runId)
      const { iteration } = record
      const maxCostUsd = changes.max_cost_usd === undefined ? record.maxCostUsd : changes.max_cost_usd
      checkPrice(models.get(changes.model_name ?? record.modelName), maxCostUsd)
      gateSettings(record.gatePolicy, changes)
      const payload = { changes, by: caller }
      await journal.append(runId, [{ kind: 'config_changed', iteration, payload }])
      return runOf(runId)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  return {
    ...runs,
    queueCounts: () => queue.counts(),
    /** Makes true what an earlier process left; call once, before anybody is served. */
    async recover() {
      left = await recoverRuns({ ...options, boot: randomUUID() })
    },
    /** Goes on with what was left; call once the server listens. */
    takeUp() {
      takeUp.takeUp(left)
      void gateTimeouts.start().catch(error => {
        options.log('error', 'gates are not decided when nobody answers', { error: messageOf(error) })
      })
    },
    /** Lets what runs come to the end of its step, then lets go of all runs; the next start of the server goes on with them. */
    async close() {
      takeUp.close()
      gateTimeouts.close()
      await queue.close({ kind: 'shutdown' } satisfies StopReason)
      await journal.idle()
    },
  }
}
