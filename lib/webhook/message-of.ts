// What an event becomes for people elsewhere: facts, a sentence, and one link to look.
import type { EventOf, RunEvent } from '#lib/contract/event'
import type { WebhookMessage } from '#lib/contract/webhook'
import { LIMITS } from '#lib/limits'
import type { RunRecord } from '#lib/store/types'

/** Kinds of events that are told. */
export const TOLD = ['human_check_required', 'run_end', 'paused'] as const

export interface MessageOptions {
  record: RunRecord
  /** Where the dashboard is reached, without a slash at the end. */
  base: string
  isDecided: boolean
}

/** null for an event that is not told. */
export function messageOf(event: RunEvent, options: MessageOptions): WebhookMessage | null {
  switch (event.kind) {
    case 'human_check_required':
      return gateOpened(event, options)
    case 'run_end':
      return runEnded(event, options)
    case 'paused':
      return runPaused(event, options)
    default:
      return null
  }
}

function gateOpened(event: EventOf<'human_check_required'>, options: MessageOptions): WebhookMessage {
  const { payload } = event
  const { total_diff_stat: diff } = payload
  return {
    ...common(event, options),
    type: 'gate_opened',
    text: cut(`Needs you: ${about(options.record)}: ${payload.summary}`),
    url: `${options.base}/runs/${event.run_id}/gate/${payload.gate_id}`,
    gate: {
      gate_id: payload.gate_id,
      kind: payload.kind ?? 'iteration',
      iteration: payload.iteration,
      summary: cut(payload.summary),
      opened_at: isoTime(event.ts),
      decided: options.isDecided,
      command: payload.command ? cut(payload.command.command) : null,
      flags: payload.flags.map(({ code }) => code),
      failing: payload.tests?.failed ?? null,
      diff: diff && { files: diff.files, insertions: diff.insertions, deletions: diff.deletions },
    },
  }
}

function runEnded(event: EventOf<'run_end'>, options: MessageOptions): WebhookMessage {
  const { status, achieved, outcome, reason, duration_ms } = event.payload
  return {
    ...common(event, options),
    type: 'run_ended',
    text: cut(`${capital(status)}: ${about(options.record)}: ${reason}`),
    end: { status, achieved, outcome, reason: cut(reason), duration_ms },
  }
}

function runPaused(event: EventOf<'paused'>, options: MessageOptions): WebhookMessage {
  const { reason, detail, retry_at } = event.payload
  return {
    ...common(event, options),
    type: 'run_paused',
    text: cut(`Paused: ${about(options.record)}: ${detail}`),
    pause: { reason, detail: cut(detail), retry_at: retry_at === null ? null : isoTime(retry_at) },
  }
}

export function testMessage(id: string, base: string, nowMs: number): WebhookMessage {
  const text = 'A test of retrAI: messages about gates and runs come here.'
  return { id, type: 'test', created_at: isoTime(nowMs / 1000), text, url: `${base}/settings` }
}

const common = (event: RunEvent, { record, base }: MessageOptions) => ({
  // Follows from what it tells of, so that an attempt after a crash has the same.
  id: `${event.run_id}.${event.seq}`,
  created_at: isoTime(event.ts),
  url: `${base}/runs/${event.run_id}`,
  run: {
    run_id: record.id,
    goal: cut(record.goal),
    goal_name: record.request.goalName,
    cwd: record.cwd,
    status: record.status,
    model_name: record.modelName,
    iteration: record.iteration,
    max_iterations: record.maxIterations,
    total_tokens: record.totalTokens,
    estimated_cost_usd: record.costUsd,
    tags: record.tags,
  },
})

function about({ goal, cwd }: RunRecord): string {
  const [first = ''] = goal.trim().split('\n')
  const title = first.length > 80 ? `${first.slice(0, 79)}…` : first
  return `“${title}” in ${cwd.split(/[\\/]/).findLast(part => part !== '') ?? cwd}`
}

const cut = (text: string) =>
  text.length <= LIMITS.webhookTextLength ? text : `${text.slice(0, LIMITS.webhookTextLength - 1)}…`
const capital = (word: string) => word.replace(/^./, letter => letter.toUpperCase())
const isoTime = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
