// The event envelope and the union of all kinds: the one protocol between the loop and everybody who watches.
import { z } from 'zod'
import { checkWritten } from './events/check-written.ts'
import { compacted } from './events/compacted.ts'
import { configChanged } from './events/config-changed.ts'
import { errorEvent } from './events/error.ts'
import { goalCheck } from './events/goal-check.ts'
import { humanCheckRequired } from './events/human-check-required.ts'
import { humanCheckResponse } from './events/human-check-response.ts'
import { iterationComplete } from './events/iteration-complete.ts'
import { iterationUndone } from './events/iteration-undone.ts'
import { llmUsage } from './events/llm-usage.ts'
import { log } from './events/log.ts'
import { modelResponse } from './events/model-response.ts'
import { modelRetry } from './events/model-retry.ts'
import { note } from './events/note.ts'
import { paused } from './events/paused.ts'
import { reasoning } from './events/reasoning.ts'
import { recovered } from './events/recovered.ts'
import { resumed } from './events/resumed.ts'
import { runEnd } from './events/run-end.ts'
import { runStart } from './events/run-start.ts'
import { sensitiveChange } from './events/sensitive-change.ts'
import { stepStart } from './events/step-start.ts'
import { toolCall } from './events/tool-call.ts'
import { toolResult } from './events/tool-result.ts'

/** Every kind. To add one: a file in `events/` and its line here. */
export const EVENT_KINDS = [
  runStart,
  stepStart,
  modelResponse,
  reasoning,
  llmUsage,
  toolCall,
  toolResult,
  goalCheck,
  iterationComplete,
  iterationUndone,
  humanCheckRequired,
  humanCheckResponse,
  runEnd,
  errorEvent,
  log,
  note,
  configChanged,
  modelRetry,
  paused,
  resumed,
  recovered,
  compacted,
  checkWritten,
  sensitiveChange,
] as const

type Definition = (typeof EVENT_KINDS)[number]
export type EventKind = Definition['kind']
export type Payload<K extends EventKind> = z.infer<Extract<Definition, { kind: K }>['payload']>

/** What the loop emits: the journal adds run_id, seq and ts. */
export type NewEvent = { [K in EventKind]: { kind: K; iteration: number; payload: Payload<K> } }[EventKind]

interface Stamp {
  run_id: string
  /** 1…n per run, gapless, never reused. */
  seq: number
  /** Seconds since the epoch, with milliseconds. */
  ts: number
}
export type RunEvent = NewEvent & Stamp
export type EventOf<K extends EventKind> = Extract<RunEvent, { kind: K }>

export const PAYLOADS = Object.fromEntries(EVENT_KINDS.map(d => [d.kind, d.payload])) as {
  [K in EventKind]: Extract<Definition, { kind: K }>['payload']
}

const envelope = {
  run_id: z.string(),
  iteration: z.number().int().meta({ description: '0 before the first iteration' }),
  seq: z.number().int().meta({ description: '1…n per run, gapless, never reused' }),
  ts: z.number().meta({ description: 'Seconds since the epoch, with milliseconds' }),
}

/** The schema of an event on the wire. */
export const RunEventSchema = z
  .discriminatedUnion(
    'kind',
    EVENT_KINDS.map(d =>
      z.object({ kind: z.literal(d.kind), ...envelope, payload: d.payload }),
    ) as unknown as [z.ZodObject<{ kind: z.ZodLiteral<EventKind> }>],
  )
  .meta({
    id: 'RunEvent',
    description: 'One entry of the journal of a run',
  }) as unknown as z.ZodType<RunEvent>

/** Sent live to those who asked (`?deltas=1`): no seq, never stored, may be dropped. */
export type EphemeralEvent = { run_id: string; iteration: number; ts: number } & (
  | { kind: 'text_delta'; payload: { text: string } }
  /** What came of the answer so far is worth nothing: the attempt failed, and the model is asked again. */
  | { kind: 'text_discarded'; payload: Record<string, never> }
  | { kind: 'step_progress'; payload: { call_id: string | null; tool: string; chunk: string } }
)
/** An ephemeral event before the journal stamps run and time on it. */
export type NewEphemeral = EphemeralEvent extends infer E
  ? E extends EphemeralEvent
    ? Omit<E, 'run_id' | 'ts'>
    : never
  : never
