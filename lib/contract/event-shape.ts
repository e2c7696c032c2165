// Whether an event is what its kind says, as far as a page relies on it. Whoever renders must not fall over what another version
// wrote; the schemas would say it as well, and cost the browser 26 kB. event-shape.test.ts holds this against them.
import type { EventKind, RunEvent } from './event.ts'

type Shape = 'string' | 'number' | 'array' | 'object'

const SHAPES: Partial<Record<EventKind, Record<string, Shape>>> = {
  run_start: { goal: 'string', goal_name: 'string', cwd: 'string', model_name: 'string' },
  step_start: { node: 'string' },
  model_response: { content: 'array' },
  reasoning: { text: 'string' },
  llm_usage: {
    input_tokens: 'number',
    output_tokens: 'number',
    cache_read_input_tokens: 'number',
    cache_creation_input_tokens: 'number',
    duration_ms: 'number',
    model: 'string',
  },
  tool_call: { call_id: 'string', tool: 'string', args: 'object' },
  tool_result: {
    call_id: 'string',
    tool: 'string',
    output: 'string',
    status: 'string',
    duration_ms: 'number',
  },
  goal_check: { reason: 'string', output: 'string', flags: 'array', duration_ms: 'number' },
  iteration_complete: { iteration: 'number', tokens: 'number', duration_ms: 'number' },
  human_check_required: { gate_id: 'string', summary: 'string', flags: 'array', iteration: 'number' },
  human_check_response: { gate_id: 'string', decision: 'string', decided_by: 'string' },
  run_end: { status: 'string', outcome: 'string', reason: 'string', iterations: 'number' },
  error: { message: 'string' },
  log: { level: 'string', message: 'string' },
  note: { text: 'string', by: 'string' },
  config_changed: { changes: 'object' },
  model_retry: { attempt: 'number', reason: 'string', wait_ms: 'number' },
  paused: { reason: 'string', detail: 'string' },
  recovered: { interrupted_calls: 'array' },
  check_written: { command: 'string', files: 'array' },
  sensitive_change: { path: 'string', change: 'string', why: 'string' },
}

/** Kinds that this version does not know have no shape to miss. */
export function isShaped({ kind, payload }: RunEvent): boolean {
  const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined
  if (!shape) return true
  if (typeof payload !== 'object' || payload === null) return false
  for (const field in shape)
    if (shapeOf((payload as Record<string, unknown>)[field]) !== shape[field]) return false
  return true
}

const shapeOf = (value: unknown) =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : (typeof value as string)
