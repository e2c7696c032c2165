// What a test lets the Messages API server answer: turns made of blocks, and faults. Plain data, so that a script can
// be written down as a list.
//
//   script: [
//     turn([text('I look first.'), toolUse('bash_exec', { command: 'ls' })]),
//     [fault.status(529), fault.cutAfter(3), turn([text('Third time lucky.')])],
//   ]
import type { Usage } from '#lib/models/model'

export interface TextBlock {
  type: 'text'
  text: string
}
export interface ToolUseBlock {
  type: 'tool_use'
  id: string
  name: string
  /** The arguments as they go over the wire: normally JSON, but a test may want something else. */
  json: string
}
export interface ThinkingBlock {
  type: 'thinking'
  thinking: string
  signature: string
}
export interface RedactedThinkingBlock {
  type: 'redacted_thinking'
  data: string
}
export type Block = TextBlock | ToolUseBlock | ThinkingBlock | RedactedThinkingBlock

export interface Turn {
  kind: 'turn'
  blocks: Block[]
  /** Figures not given are computed: about four characters a token, with a prompt cache that really works. */
  usage: Partial<Usage>
  stopReason: string | null
}

export type Fault = { kind: 'fault' } & (
  | { fault: 'status'; status: number; headers: Record<string, string>; body: string }
  | { fault: 'cut'; events?: number; bytes?: number; turn: Turn }
  | { fault: 'end'; events: number; turn: Turn }
  | { fault: 'error_event'; type: string; message: string; events: number; turn: Turn }
  | { fault: 'hang'; events: number | null; pingMs: number | null; turn: Turn }
  | { fault: 'drip'; msPerEvent: number; turn: Turn }
  | { fault: 'content_type'; contentType: string; body: string }
  | { fault: 'raw_event'; data: string; events: number; turn: Turn }
)
export type Answer = Turn | Fault

export const text = (value: string): TextBlock => ({ type: 'text', text: value })

/** A tool call. Without an id the server gives it one that is unique in the conversation. */
export const toolUse = (name: string, args: Record<string, unknown>, id = ''): ToolUseBlock => ({
  type: 'tool_use',
  id,
  name,
  json: JSON.stringify(args),
})

/** A tool call whose arguments go over the wire as this text: malformed, cut off, or no object. */
export const toolUseRaw = (name: string, json: string, id = ''): ToolUseBlock => ({
  type: 'tool_use',
  id,
  name,
  json,
})

/** The server remembers the signature and refuses a conversation that brings the thought back changed. */
export const thinking = (thought: string, signature: string): ThinkingBlock => ({
  type: 'thinking',
  thinking: thought,
  signature,
})

export const redactedThinking = (data: string): RedactedThinkingBlock => ({ type: 'redacted_thinking', data })

/** A complete answer. It stops for `tool_use` when it calls a tool, else at `end_turn`, unless said otherwise. */
export function turn(
  blocks: Block[],
  options: { usage?: Partial<Usage>; stopReason?: string | null } = {},
): Turn {
  const calls = blocks.some(block => block.type === 'tool_use')
  const stopReason = options.stopReason === undefined ? (calls ? 'tool_use' : 'end_turn') : options.stopReason
  return { kind: 'turn', blocks, usage: options.usage ?? {}, stopReason }
}

/** What a faulty answer begins with before it breaks: enough events to break anywhere. */
const PARTIAL: Turn = turn([
  text('This answer does not reach its end.'),
  toolUse('bash_exec', { command: 'echo partial' }),
])

const errorBody = (type: string, message: string) =>
  JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_fault' })

const TYPE_OF_STATUS: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

export const fault = {
  /** An error answer. `retryAfter` is sent as it is: seconds, or a date. */
  status(
    status: number,
    options: {
      retryAfter?: number | string
      headers?: Record<string, string>
      message?: string
      body?: string
    } = {},
  ): Fault {
    const { retryAfter, headers, message = `Status ${status}`, body } = options
    return {
      kind: 'fault',
      fault: 'status',
      status,
      headers: {
        'content-type': 'application/json',
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
        ...headers,
      },
      body: body ?? errorBody(TYPE_OF_STATUS[status] ?? 'api_error', message),
    }
  },
  /** A proxy's error page. */
  html(
    status = 500,
    body = '<!doctype html><html><head><title>Bad gateway</title><style>p{}</style></head><body><h1>Bad gateway</h1></body></html>',
  ): Fault {
    return { kind: 'fault', fault: 'status', status, headers: { 'content-type': 'text/html' }, body }
  },
  /** The connection breaks after this many events; 0: before any answer. */
  cutAfter: (events: number, of: Turn = PARTIAL): Fault => ({
    kind: 'fault',
    fault: 'cut',
    events,
    turn: of,
  }),
  /** The connection breaks after this many bytes of the body. */
  cutAfterBytes: (bytes: number, of: Turn = PARTIAL): Fault => ({
    kind: 'fault',
    fault: 'cut',
    bytes,
    turn: of,
  }),
  /** The body ends properly, but too early. */
  endAfter: (events: number, of: Turn = PARTIAL): Fault => ({
    kind: 'fault',
    fault: 'end',
    events,
    turn: of,
  }),
  /** An `error` event after status 200. */
  errorEvent: (
    type = 'overloaded_error',
    options: { message?: string; events?: number; turn?: Turn } = {},
  ): Fault => ({
    kind: 'fault',
    fault: 'error_event',
    type,
    message: options.message ?? 'Overloaded',
    events: options.events ?? 3,
    turn: options.turn ?? PARTIAL,
  }),
  /** Nothing more comes after this many events (null: not even a status), except pings where asked for. */
  hang: (options: { events?: number | null; pingMs?: number; turn?: Turn } = {}): Fault => ({
    kind: 'fault',
    fault: 'hang',
    events: options.events ?? null,
    pingMs: options.pingMs ?? null,
    turn: options.turn ?? PARTIAL,
  }),
  /** A complete answer, slowly. */
  drip: (msPerEvent: number, of: Turn): Fault => ({ kind: 'fault', fault: 'drip', msPerEvent, turn: of }),
  /** Status 200 with something that is no event stream. */
  contentType: (contentType = 'text/plain', body = 'hello'): Fault => ({
    kind: 'fault',
    fault: 'content_type',
    contentType,
    body,
  }),
  /** An event whose data is this text, after this many proper events. */
  rawEvent: (data: string, events = 3, of: Turn = PARTIAL): Fault => ({
    kind: 'fault',
    fault: 'raw_event',
    data,
    events,
    turn: of,
  }),
}
