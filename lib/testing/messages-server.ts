// A server on the loopback that speaks the Messages API as the real one does, with answers and faults by script. It
// refuses what the real one refuses, and records every request.
//
//   const server = await startMessagesServer({ script: [turn([text('Hello')])] })
//   const model = createAnthropicModel({ baseUrl: server.url, … })
//   …
//   await server.close()
//
// Several runs may talk to one server: `script` counts each conversation for itself (by the number of assistant
// messages in the request), and `respond` can tell runs apart by `firstUserText` or `model`.
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Usage } from '#lib/models/model'
import { createPromptCache, tokensOf } from './messages-cache.ts'
import { type Answer, type Fault, type Turn, text, turn } from './messages-script.ts'
import { bodyOf, eventsOf, PING, type Rendered, render, sse, type WireEvent } from './messages-stream.ts'
import { type IssuedThinking, refusalOf } from './messages-validation.ts'

type Json = Record<string, unknown>

export interface MessagesRequest {
  /** 1…n over the whole server. */
  number: number
  body: Json
  headers: IncomingMessage['headers']
  model: string
  /** Text of the first user message: the goal of the run. */
  firstUserText: string
  /** How many answers the conversation already has: the turn that is asked for, from 0. */
  assistantMessages: number
  /** 1…n: how often this conversation has asked for this turn. */
  attempt: number
  /** What became of it: `turn`, the kind of fault, or `refused`. */
  answered: string
  /** Message of the 400, when the request was refused as invalid. */
  refusal: string | null
  /** The client went away before the answer was complete. */
  aborted: boolean
}

export interface MessagesServerOptions {
  /** Answers by turn. A list in the place of an answer is gone through by attempt; its last one repeats. */
  script?: (Answer | Answer[])[]
  /** Or: the answer to each request. */
  respond?: (request: MessagesRequest) => Answer | Promise<Answer>
  /** Between events, so that something can happen meanwhile. */
  msPerEvent?: number
}

export interface MessagesServer {
  /** The base URL, without /v1. */
  url: string
  requests: MessagesRequest[]
  /** Connections that are open now. */
  openConnections(): Promise<number>
  /** Ends open answers too. */
  close(): Promise<void>
}

export async function startMessagesServer(options: MessagesServerOptions): Promise<MessagesServer> {
  const requests: MessagesRequest[] = []
  const attempts = new Map<string, number>()
  const issued: IssuedThinking = { signatures: new Map() }
  const cache = createPromptCache()
  const closing = new AbortController()

  const server = createServer((request, response) => {
    serve(request, response).catch(error => {
      // A fault of the test's own `respond`: said loudly, and as an answer that no policy retries.
      sendError(response, 400, 'invalid_request_error', `The test's script failed: ${String(error)}`)
    })
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('request-id', `req_${requests.length + 1}`)
    const raw = await readBody(request)
    if (request.url?.split('?')[0] !== '/v1/messages') {
      return sendError(response, 404, 'not_found_error', `No such path: ${request.url}`)
    }
    if (request.method !== 'POST') {
      return sendError(response, 405, 'invalid_request_error', 'Method Not Allowed')
    }
    if (!request.headers['x-api-key'] && !request.headers.authorization) {
      return sendError(response, 401, 'authentication_error', 'x-api-key header is required')
    }
    if (!request.headers['anthropic-version']) {
      return sendError(response, 400, 'invalid_request_error', 'anthropic-version: header is required')
    }
    const recorded = record(raw, request)
    if (recorded.refusal !== null) {
      recorded.answered = 'refused'
      return sendError(response, 400, 'invalid_request_error', recorded.refusal)
    }
    response.on('close', () => {
      const byUs = recorded.answered === 'cut' || closing.signal.aborted
      recorded.aborted = !response.writableFinished && !byUs
    })
    await send(await answerTo(recorded), recorded, response)
  }

  function record(raw: string, { headers }: IncomingMessage): MessagesRequest {
    const body = parseBody(raw)
    const refusal = body === null ? 'The request body is not valid JSON' : refusalOf(body, issued)
    const messages = Array.isArray(body?.messages) ? (body.messages as Json[]) : []
    const model = String(body?.model)
    const assistantMessages = messages.filter(message => message?.role === 'assistant').length
    const first = JSON.stringify([model, withoutMarks(messages[0]), assistantMessages])
    const key = createHash('sha256').update(first).digest('hex')
    const attempt = (attempts.get(key) ?? 0) + 1
    attempts.set(key, attempt)
    const recorded: MessagesRequest = {
      number: requests.length + 1,
      body: body ?? {},
      headers,
      model,
      firstUserText: textOf(messages[0]),
      assistantMessages,
      attempt,
      answered: 'nothing yet',
      refusal,
      aborted: false,
    }
    requests.push(recorded)
    return recorded
  }

  async function answerTo(request: MessagesRequest): Promise<Answer> {
    if (options.respond) return options.respond(request)
    const entry = options.script?.[request.assistantMessages]
    if (entry === undefined) return turn([text('The script of this test is over.')])
    if (!Array.isArray(entry)) return entry
    return entry[request.attempt - 1] ?? entry.at(-1) ?? turn([text('An empty list of answers.')])
  }

  async function send(answer: Answer, request: MessagesRequest, response: ServerResponse): Promise<void> {
    request.answered = answer.kind === 'turn' ? 'turn' : answer.fault
    if (answer.kind === 'turn') return sendTurn(answer, request, response, options.msPerEvent ?? 0)
    return sendFault(answer, request, response)
  }

  async function sendTurn(
    answer: Turn,
    request: MessagesRequest,
    response: ServerResponse,
    msPerEvent: number,
  ): Promise<void> {
    const rendered = prepare(answer, request)
    if (request.body.stream !== true) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(bodyOf(rendered)))
      return
    }
    beginStream(response)
    await sendEvents(eventsOf(rendered), response, msPerEvent)
    response.end()
  }

  async function sendFault(answer: Fault, request: MessagesRequest, response: ServerResponse): Promise<void> {
    if (answer.fault === 'status') {
      response.writeHead(answer.status, answer.headers)
      response.end(answer.body)
      return
    }
    if (answer.fault === 'content_type') {
      response.writeHead(200, { 'content-type': answer.contentType })
      response.end(answer.body)
      return
    }
    if (answer.fault === 'drip') return sendTurn(answer.turn, request, response, answer.msPerEvent)
    if (answer.fault === 'cut' && answer.events === 0) {
      response.destroy()
      return
    }
    if (answer.fault === 'hang' && answer.events === null) return untilClosed(response)

    const events = eventsOf(prepare(answer.turn, request))
    beginStream(response)
    if (answer.fault === 'cut' && answer.bytes !== undefined) {
      const bytes = Buffer.from(events.map(sse).join('')).subarray(0, answer.bytes)
      await write(response, bytes)
      response.destroy()
      return
    }
    await sendEvents(events.slice(0, answer.events ?? 0), response, options.msPerEvent ?? 0)
    switch (answer.fault) {
      case 'cut':
        response.destroy()
        return
      case 'end':
        response.end()
        return
      case 'error_event':
        response.end(
          sse({
            event: 'error',
            data: { type: 'error', error: { type: answer.type, message: answer.message } },
          }),
        )
        return
      case 'raw_event':
        response.end(`event: content_block_delta\ndata: ${answer.data}\n\n`)
        return
      case 'hang':
        return untilClosed(response, answer.pingMs)
    }
  }

  function prepare(answer: Turn, request: MessagesRequest): Rendered {
    const usage: Usage = {
      ...cache.bill(request.body),
      output_tokens: tokensOf(JSON.stringify(answer.blocks)),
      ...answer.usage,
    }
    const rendered = render(answer, { id: `msg_${request.number}`, model: request.model, usage })
    for (const block of rendered.blocks) {
      if (block.type === 'thinking') issued.signatures.set(block.signature, block.thinking)
      if (block.type === 'redacted_thinking') issued.signatures.set(block.data, block.data)
    }
    return rendered
  }

  async function sendEvents(
    events: WireEvent[],
    response: ServerResponse,
    msPerEvent: number,
  ): Promise<void> {
    for (const event of events) {
      if (response.destroyed) return
      await write(response, sse(event))
      if (msPerEvent > 0) await sleep(msPerEvent, undefined, { signal: closing.signal }).catch(() => {})
    }
  }

  /** Leaves the client waiting until it goes away or the server is closed. */
  async function untilClosed(response: ServerResponse, pingMs: number | null = null): Promise<void> {
    const pings = pingMs === null ? undefined : setInterval(() => response.write(sse(PING)), pingMs)
    await new Promise<void>(resolve => response.once('close', resolve))
    clearInterval(pings)
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    openConnections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close: () =>
      new Promise(resolve => {
        closing.abort()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function beginStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
}

/** Resolves once the bytes are handed to the system, so that a cut comes after them. */
function write(response: ServerResponse, data: string | Buffer): Promise<void> {
  return new Promise(resolve => {
    response.write(data, () => resolve())
  })
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'application/json' })
  const requestId = response.getHeader('request-id')
  response.end(JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId }))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function parseBody(raw: string): Json | null {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'object' && value !== null ? (value as Json) : null
  } catch {
    return null // Answered with a 400 by the caller.
  }
}

function textOf(message: Json | undefined): string {
  if (typeof message?.content === 'string') return message.content
  if (!Array.isArray(message?.content)) return ''
  return (message.content as Json[])
    .filter(block => block.type === 'text')
    .map(block => block.text)
    .join('\n')
}

function withoutMarks(message: Json | undefined): unknown {
  return JSON.parse(
    JSON.stringify(message ?? null, (key, value) => (key === 'cache_control' ? undefined : value)),
  )
}
