// Decides the gates that nobody answers, when the policy of their run says so. What counts is the time since the gate opened, which
// stands in the journal: a server that was down meanwhile takes up the rest of it.

import { decisionUnseen, type GatePolicy, minutesWords } from '#lib/contract/gate-policy'
import type { Resume } from '#lib/contract/gates'
import { isAppError, messageOf } from '#lib/errors'
import type { Journal } from '#lib/events/types'
import type { OpenGate, RunRecord, Store } from '#lib/store/types'

/** Who decided, in the journal and in answers. */
export const BY_TIMEOUT = 'timeout'

const AGAIN_MS = 5_000
/** Longer waits are slept in pieces: a timer takes no more than 24 days. */
const LONGEST_MS = 24 * 3600_000

export interface GateTimeoutsParts {
  store: Pick<Store, 'listUnfinished'>
  journal: Pick<Journal, 'onRecord'>
  decide(runId: string, request: Resume, caller: string): Promise<unknown>
  now?: () => number
  /** Milliseconds, never going back. */
  clock?: () => number
  log(level: 'warn', message: string, data?: Record<string, unknown>): void
}

interface Armed {
  gate: OpenGate
  policy: GatePolicy
  /** On the monotonic clock: setting the machine's clock must not make a wait shorter or longer. */
  openedAt: number
  timer: NodeJS.Timeout | undefined
}

export function createGateTimeouts(parts: GateTimeoutsParts) {
  const { store, journal, decide, now = Date.now, clock = () => performance.now(), log } = parts
  const armed = new Map<string, Armed>()
  let stop = () => {}

  function disarm(runId: string) {
    clearTimeout(armed.get(runId)?.timer)
    armed.delete(runId)
  }

  function look({ id, gate, status, gatePolicy: policy }: RunRecord) {
    if (gate === null || status !== 'waiting' || policy.timeout_minutes === null) return disarm(id)
    const before = armed.get(id)
    const isSame = before?.gate.gateId === gate.gateId
    if (isSame && before.policy.timeout_minutes === policy.timeout_minutes) {
      before.policy = policy
      return
    }
    const openedAt = isSame ? before.openedAt : clock() - Math.max(0, now() - gate.openedAt)
    disarm(id)
    const entry: Armed = { gate, policy, openedAt, timer: undefined }
    armed.set(id, entry)
    wait(id, entry)
  }

  function wait(runId: string, entry: Armed, leastMs = 0) {
    const { openedAt, policy } = entry
    const leftMs = openedAt + (policy.timeout_minutes ?? 0) * 60_000 - clock()
    const timer = setTimeout(
      () => {
        if (armed.get(runId) !== entry) return
        if (leftMs > LONGEST_MS) wait(runId, entry)
        else
          void expire(runId, entry).then(isDone => {
            if (!isDone && armed.get(runId) === entry) wait(runId, entry, AGAIN_MS)
          })
      },
      Math.min(Math.max(leastMs, leftMs), LONGEST_MS),
    )
    entry.timer = timer.unref()
  }

  /** False when it has to be tried again. */
  async function expire(runId: string, { gate, policy }: Armed): Promise<boolean> {
    try {
      await decide(runId, answerTo(gate, policy), BY_TIMEOUT)
      return true
    } catch (error) {
      // Somebody was there at the same moment: theirs counts.
      if (isAppError(error) && OVER.has(error.code)) return true
      log('warn', 'a gate that nobody answered could not be decided', {
        run_id: runId,
        error: messageOf(error),
      })
      return false
    }
  }

  return {
    /** Call once the server listens: whoever has waited for it must find the gate as it was. */
    async start() {
      stop = journal.onRecord(look)
      for (const record of await store.listUnfinished()) look(record)
    },
    close() {
      stop()
      for (const runId of [...armed.keys()]) disarm(runId)
    },
  }
}

const OVER = new Set(['gate_decided', 'run_not_waiting', 'run_not_active'])

function answerTo({ gateId, kind }: OpenGate, policy: GatePolicy): Resume {
  const wanted = policy.on_timeout === 'approve' ? 'approve' : 'abort'
  const asked = { command: kind === 'command', config: kind === 'config', check: kind === 'check' }
  const decision = decisionUnseen(wanted, asked)
  // To the agent nothing is said that nobody said; of an end the reason is kept.
  const note =
    decision === 'abort' ? `nobody decided within ${minutesWords(policy.timeout_minutes ?? 0)}` : undefined
  return { decision, gate_id: gateId, note }
}
