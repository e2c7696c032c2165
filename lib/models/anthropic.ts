// A model behind any endpoint that speaks the Messages API: one streamed request per attempt, watched for silence, and
// a whole message or nothing.
import Anthropic from '@anthropic-ai/sdk'
import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages'
import { Stream } from '@anthropic-ai/sdk/streaming'
import { type Accumulated, createAccumulator, type WireEvent } from './accumulate.ts'
import { boundedFetch, checkedBody } from './bodies.ts'
import { markPrompt } from './cache.ts'
import { connectionReason, eventFailure, failureOf, hide, shorten } from './failures.ts'
import { type Model, ModelError, type ModelRequest, type ModelResponse } from './model.ts'
import { costOf, type Price } from './pricing.ts'
import { ANTHROPIC_BASE_URL } from './providers.ts'
import { AttemptFailure, DEFAULT_TIMING, isAttemptFailure, retrying, type Timing } from './retry.ts'
import { type AttemptWatch, watchAttempt } from './watch.ts'

export interface AnthropicModelOptions {
  /** What the run asked for, prefix included. */
  name: string
  /** What the endpoint calls it. */
  apiModel: string
  baseUrl: string
  apiKey: string | null
  price: Price | null
  contextWindow: number | null
  maxOutputTokens: number | null
  /** What to do about a missing key; without it a missing key is only an error at Anthropic's own endpoint. */
  missingKey?: string | undefined
  timing?: Partial<Timing> | undefined
}

const NO_KEY = 'ANTHROPIC_API_KEY is not set; set it or choose a scripted model'
/** Servers on one's own machine want no key, but some want the header. */
const PLACEHOLDER_KEY = 'none'
const DEFAULT_MAX_TOKENS = 32_000
/** The SDK's own clock must never be the first: ours knows a standstill of the process from a silent provider. */
const NO_TIMEOUT_MS = 24 * 3_600_000
/** How long a finished stream may take to close, so that its connection can be used again. */
const LINGER_MS = 250

export function createAnthropicModel(options: AnthropicModelOptions): Model {
  const { name, apiModel, apiKey, price, contextWindow, maxOutputTokens } = options
  const timing = { ...DEFAULT_TIMING, ...options.timing }
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const ownApi = baseUrl === ANTHROPIC_BASE_URL
  const missingKey = options.missingKey ?? (ownApi ? NO_KEY : undefined)
  const key = apiKey || PLACEHOLDER_KEY
  const secrets = apiKey ? [apiKey] : []
  const maxTokens = Math.min(DEFAULT_MAX_TOKENS, maxOutputTokens ?? DEFAULT_MAX_TOKENS)

  const client = new Anthropic({
    baseURL: baseUrl,
    apiKey: key,
    // The SDK sends `Authorization: Bearer`; many compatible servers only know Anthropic's older header.
    ...(ownApi ? {} : { defaultHeaders: { 'x-api-key': key } }),
    maxRetries: 0,
    fetch: boundedFetch,
    logLevel: 'off',
  })

  async function complete(request: ModelRequest): Promise<ModelResponse> {
    const started = performance.now()
    if (!apiKey && missingKey !== undefined) throw new ModelError('no_key', missingKey)
    const body: MessageCreateParamsStreaming = {
      model: apiModel,
      max_tokens: maxTokens,
      stream: true,
      ...(request.tools.length === 0 ? {} : { tools: request.tools }),
      ...markPrompt(request.system, request.messages),
    }
    let attempts = 0
    const message = await retrying(
      { timing, signal: request.signal, onRetry: request.onRetry },
      async number => {
        attempts = number
        return oneAttempt(body, request)
      },
    )
    return {
      content: message.content,
      stopReason: message.stopReason,
      usage: message.usage,
      costUsd: costOf(message.usage, price),
      model: message.model ?? apiModel,
      durationMs: Math.round(performance.now() - started),
      attempts,
      malformedArgs: message.malformedArgs,
    }
  }

  async function oneAttempt(
    body: MessageCreateParamsStreaming,
    { signal, onText, onDiscard }: ModelRequest,
  ): Promise<Accumulated> {
    const watch = watchAttempt(timing, signal)
    let hasSpoken = false
    const speak = (delta: string) => {
      hasSpoken = true
      onText?.(delta)
    }
    try {
      const response = await client.messages
        .create(body, {
          signal: watch.signal,
          timeout: NO_TIMEOUT_MS,
          headers: { 'x-stainless-timeout': null },
        })
        .asResponse()
        .catch(error => {
          throw watch.overdue() ?? failureOf(error, secrets)
        })
      const type = response.headers.get('content-type') ?? 'none'
      if (!type.includes('text/event-stream')) {
        throw new AttemptFailure(`the answer is not an event stream (content type ${shorten(type)})`, {
          status: response.status,
        })
      }
      return await readMessage(response, watch, speak)
    } catch (error) {
      if (hasSpoken) onDiscard?.()
      throw error
    } finally {
      // Also ends a request that is still open, so that its connection is not kept for nothing.
      watch.end()
    }
  }

  async function readMessage(
    response: Response,
    watch: AttemptWatch,
    onText: ((delta: string) => void) | undefined,
  ): Promise<Accumulated> {
    if (response.body === null) throw new AttemptFailure('the answer is empty', { status: response.status })
    const accumulator = createAccumulator(onText)
    const events = Stream.rawEvents(new Response(checkedBody(response.body, watch.signal, watch.alive)))
    while (true) {
      const next = await events.next().catch((error: unknown) => {
        // After message_stop only the closing of the connection was left to read.
        if (accumulator.stopped) return { done: true as const, value: undefined }
        if (isAttemptFailure(error)) throw error
        throw watch.overdue() ?? new AttemptFailure(connectionReason(error, secrets), { cause: error })
      })
      if (next.done) break
      // Some compatible servers end with `[DONE]`, as another protocol does.
      if (accumulator.stopped) continue
      const { event, data } = next.value
      if (event === 'ping' || data === '') continue
      const parsed = parseData(data, secrets)
      // Some endpoints name an error neither in the event nor in its type.
      const isError =
        event === 'error' || parsed.type === 'error' || (!('type' in parsed) && 'error' in parsed)
      if (isError) throw eventFailure(parsed, secrets)
      accumulator.add(parsed)
      // Nothing that comes later would mend it.
      if (accumulator.broken !== null) throw new AttemptFailure(accumulator.broken)
      if (accumulator.stopped) watch.closeWithin(LINGER_MS)
    }
    const problem = accumulator.problem()
    if (problem !== null) throw new AttemptFailure(problem)
    return accumulator.result()
  }

  return { name, scripted: false, priced: price !== null, contextWindow, complete }
}

function parseData(data: string, secrets: string[]): WireEvent {
  try {
    const value: unknown = JSON.parse(data)
    const isEvent = typeof value === 'object' && value !== null && ('type' in value || 'error' in value)
    if (isEvent) return value as WireEvent // an object: any may be read by name, what comes is unknown
  } catch {
    // Reported below, the same as JSON that is no event.
  }
  throw new AttemptFailure(
    `the stream carried something that is not an event: ${shorten(hide(data, secrets))}`,
  )
}
