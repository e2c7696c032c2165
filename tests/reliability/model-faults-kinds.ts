// Everything a model's endpoint does wrong, by name. A fault is met before an answer, as an answer of its own, or in the place
// of the right one.
import { MAX_CALLS } from '#lib/agent/state'
import { bash } from '#lib/testing/make-project'
import { type Answer, fault, text, toolUse, toolUseRaw, turn } from '#lib/testing/messages-script'
import { eventsOf, render, sse } from '#lib/testing/messages-stream'
import type { Random } from './random.ts'

/** What must never be done: a command of an answer that is not whole, or that cannot be used. Its mark ends up in the ledger. */
export type Forbidden = (mark: string) => string

type Make = (random: Random, forbidden: Forbidden) => Answer

/** No complete answer: the same request comes again. */
export const BEFORE: Record<string, Make> = {
  '429, retry-after 0': () => fault.status(429, { retryAfter: 0 }),
  '429, retry-after 1': () => fault.status(429, { retryAfter: 1 }),
  '429, retry-after-ms': () => fault.status(429, { headers: { 'retry-after-ms': '200' } }),
  '429, retry-after a date': () =>
    fault.status(429, { retryAfter: new Date(Date.now() + 1000).toUTCString() }),
  '429, bare': () => fault.status(429, { message: 'Too many requests' }),
  '500': () => fault.status(500),
  '502, an HTML page': () => fault.html(502),
  '503': () => fault.status(503, { retryAfter: 'soon' }),
  '504': () => fault.status(504),
  '529': () => fault.status(529),
  'reset before the headers': () => fault.cutAfter(0),
  'reset after the headers': (random, forbidden) =>
    fault.cutAfterBytes(random.between(1, 9), half(forbidden)),
  'cut at an event': (random, forbidden) => {
    const answer = half(forbidden)
    return fault.cutAfter(random.between(1, unfinished(answer).length), answer)
  },
  'cut at a byte': (random, forbidden) => {
    const answer = half(forbidden)
    return fault.cutAfterBytes(random.between(1, unfinished(answer).map(sse).join('').length), answer)
  },
  // All that is missing is the word that the answer was meant to end here.
  'cut after a whole call': (random, forbidden) => {
    const answer = half(forbidden)
    const { length } = unfinished(answer)
    return random.pick([fault.cutAfter(length, answer), fault.endAfter(length, answer)])
  },
  'ends too early': (random, forbidden) => {
    const answer = half(forbidden)
    return fault.endAfter(random.between(1, unfinished(answer).length), answer)
  },
  'error event after 200': (random, forbidden) =>
    fault.errorEvent(random.pick(['overloaded_error', 'api_error', 'rate_limit_error', 'new_error']), {
      events: random.between(0, 7),
      turn: half(forbidden),
    }),
  'no event': (random, forbidden) =>
    fault.rawEvent('{"type": "content_bl', random.between(0, 7), half(forbidden)),
  'silence before the headers': () => fault.hang(),
  'silence in the middle': (random, forbidden) =>
    fault.hang({ events: random.between(1, 8), turn: half(forbidden) }),
  'HTML page with 200': () => fault.contentType('text/html', '<!doctype html><h1>Sign in</h1>'),
  'JSON instead of a stream': () => fault.contentType('application/json', '{"type":"message"}'),
}

/** A complete answer with nothing in it: paid for, and asked for again. */
export const EMPTY = 'empty content'

/** Complete answers that cannot be used: the model is told, and goes on. */
export const INSTEAD: Record<string, Make> = {
  'malformed arguments': (random, forbidden) =>
    turn([
      random.pick([
        toolUseRaw('bash_exec', `{"command": "${forbidden('malformed')}`),
        toolUseRaw('bash_exec', `["${forbidden('malformed')}"]`),
        toolUseRaw('bash_exec', forbidden('malformed')),
      ]),
    ]),
  'unknown tool': (_, forbidden) => turn([toolUse('shell', { command: forbidden('unknown-tool') })]),
  'wrong argument types': (_, forbidden) =>
    turn([toolUse('bash_exec', { command: [forbidden('wrong-types')] })]),
  'more calls than one answer may make': (_, forbidden) =>
    turn([
      ...Array.from({ length: MAX_CALLS }, () => toolUse('file_read', { path: 'app.txt' })),
      bash(forbidden('excess')),
    ]),
  'max_tokens in a tool call': (random, forbidden) =>
    turn(
      [
        text('I write it down.'),
        random.pick([
          bash(forbidden('max-tokens')),
          toolUseRaw('bash_exec', `{"command": "${forbidden('max-tokens')}`),
        ]),
      ],
      { stopReason: 'max_tokens' },
    ),
}

/** The right answer in an unusual form. */
export const REFUSAL = 'refusal'
export const SAME_IDS = 'duplicate ids'
export const DRIP = 'slow drip'

export const ALL_KINDS = [...Object.keys(BEFORE), EMPTY, ...Object.keys(INSTEAD), REFUSAL, SAME_IDS, DRIP]

const half = (forbidden: Forbidden) =>
  turn([text('This answer breaks off before its end.'), bash(forbidden('partial'))])

/** The events of an answer without the last two: with those it would be whole. */
function unfinished(answer: ReturnType<typeof turn>) {
  const usage = {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  }
  return eventsOf(render(answer, { id: 'msg_1', model: 'm', usage })).slice(0, -2)
}
