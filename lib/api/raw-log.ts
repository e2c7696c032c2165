// All that a run did as plain text, for the browser's own find and for whoever reads with `less`. Everything in it is hostile: no
// browser makes markup of it, and no terminal finds anything to obey.
import type { RunEvent } from '#lib/contract/event'
import { type ListEventsQuery, ListEventsQuery as Query } from '#lib/contract/run-history'
import { AppError } from '#lib/errors'
import { type Runtime, runtime } from '#lib/runtime'
import { EVENT_PAGE, ndjsonLine, pagesAfter, streamOfEvents } from './event-pages.ts'
import { problemResponse } from './problem.ts'

// Also NDJSON: as what it is, a browser would only offer to save it.
const PLAIN = 'text/plain; charset=utf-8'

type Context = { params: Promise<{ runId: string }> }

export async function rawLog(request: Request, { params }: Context): Promise<Response> {
  const held = runtime()
  try {
    return await answer(request, (await params).runId, held.runs)
  } catch (error) {
    return problemResponse(error, undefined, held.redact)
  }
}

async function answer(request: Request, runId: string, runs: Runtime['runs']): Promise<Response> {
  const format = new URL(request.url).searchParams.get('format') ?? 'text'
  if (format !== 'text' && format !== 'ndjson')
    throw new AppError('bad_query', 'format: must be text or ndjson')
  const all: ListEventsQuery = Query.parse({ limit: EVENT_PAGE })
  const first = await runs.events(runId, all)
  return streamOfEvents(
    pagesAfter(first, runId, all, runs),
    format === 'ndjson' ? ndjsonLine : rawText,
    PLAIN,
  )
}

/** A line that says which event it is, and below it what it carries, whole. */
export function rawText(event: RunEvent): string {
  const when = new Date(event.ts * 1000).toISOString()
  const { head, body } = readableParts(event)
  const line = `#${event.seq}  ${when}  i${event.iteration}  ${event.kind}${head === '' ? '' : `  ${head}`}`
  const indented = body === '' ? '' : `${body.replace(/\n$/, '').replaceAll('\n', '\n    ')}\n`
  return `${plain(line.replaceAll('\n', ' '))}\n${indented === '' ? '' : `    ${plain(indented)}`}`
}

function readableParts(event: RunEvent): { head: string; body: string } {
  try {
    const { head, body } = partsOf(event)
    if (typeof head === 'string' && typeof body === 'string') return { head, body }
  } catch {
    // A payload unlike its contract, from another version.
  }
  return { head: '', body: JSON.stringify(event.payload) ?? '' }
}

function partsOf(event: RunEvent): { head: string; body: string } {
  switch (event.kind) {
    case 'reasoning':
    case 'note':
      return { head: '', body: event.payload.text }
    case 'tool_call': {
      const { tool, args } = event.payload
      const command = args?.command
      return { head: tool, body: typeof command === 'string' ? `$ ${command}` : JSON.stringify(args) }
    }
    case 'tool_result': {
      const { tool, status, exit_code, duration_ms, output } = event.payload
      return {
        head: `${tool}  ${status}  exit ${exit_code ?? 'none'}  ${Math.round(duration_ms)} ms`,
        body: output,
      }
    }
    case 'goal_check': {
      const { achieved, reason, command, output } = event.payload
      return { head: `${achieved ? 'achieved' : 'not achieved'}: ${reason}`, body: `$ ${command}\n${output}` }
    }
    case 'model_response':
      return { head: '', body: '' } // its words and calls are the events that follow
    default:
      return { head: '', body: JSON.stringify(event.payload) ?? '' }
  }
}

/** Colours go; what else would steer a terminal or hide text stands as what it is. */
const plain = (text: string): string => text.replace(COLOUR, '').replace(HIDDEN, nameOf)

const COLOUR = /\u001b\[[0-9;:]*m/g
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu

function nameOf(char: string): string {
  const code = char.codePointAt(0) ?? 0
  // Unicode has pictures for the old control characters.
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`
}
