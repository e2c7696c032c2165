// What the loop knows of a model. Messages have the shape of the Messages API, whoever answers.
import type { ContentBlockParam, MessageParam, Tool } from '@anthropic-ai/sdk/resources/messages'

export type Message = MessageParam
export type ContentBlock = ContentBlockParam
export type ToolSpec = Tool

/** As the API reports it. `input_tokens` counts neither cache reads nor cache writes. */
export interface Usage {
  input_tokens: number
  output_tokens: number
  cache_read_input_tokens: number
  cache_creation_input_tokens: number
}

export interface Retry {
  /** How many attempts the call has made so far; all of them failed. */
  attempt: number
  reason: string
  /** HTTP status; null for a cut or silent connection. */
  status: number | null
  waitMs: number
}

export interface ModelRequest {
  /** The same for every run with the same tools: first in the request, so that the prompt cache can hold it. */
  system: string
  tools: ToolSpec[]
  /** Only ever appended to during a run. The model puts its own cache marks; the caller's objects are not changed. */
  messages: Message[]
  /** A question apart from the agent's conversation. Only a scripted model has to know: it has no understanding to answer from. */
  aside?: { purpose: 'judge' | 'write_check'; iteration: number }
  signal: AbortSignal
  onText?(delta: string): void
  /** An attempt failed after it had given text: that text is void. */
  onDiscard?(): void
  /**
   * Called before the first wait of a call, and then at most once a minute; awaited, so that the retry is in the journal
   * before it happens.
   */
  onRetry?(retry: Retry): void | Promise<void>
}

export interface ModelResponse {
  /** Complete content blocks, fit to be sent back as the assistant's message. */
  content: ContentBlock[]
  /** `end_turn`, `tool_use`, `max_tokens`, `refusal`, … */
  stopReason: string | null
  usage: Usage
  /** null when the price of the model is not known. */
  costUsd: number | null
  /** The model that answered, as the API names it. */
  model: string
  durationMs: number
  attempts: number
  /** Tool arguments that were not a JSON object: call id → what came. The block's `input` is then `{}`. */
  malformedArgs: Record<string, string>
}

/** How a model call can end for good. `unavailable` and `quota` pass with time; the others do not. */
export type ModelFailure = 'unavailable' | 'quota' | 'rejected' | 'no_key'

const BRAND = Symbol.for('retrai.model-error')

export class ModelError extends Error {
  readonly [BRAND] = true
  readonly failure: ModelFailure
  readonly status: number | null
  /** When the provider wants to be asked again, if it said so: to ask earlier is of no use. */
  readonly retryAfterMs: number | null
  constructor(
    failure: ModelFailure,
    message: string,
    options: { status?: number | null; retryAfterMs?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'ModelError'
    this.failure = failure
    this.status = options.status ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
  }
}

export function isModelError(error: unknown): error is ModelError {
  return typeof error === 'object' && error !== null && (error as { [BRAND]?: unknown })[BRAND] === true
}

export interface Model {
  /** The name it was asked for by, e.g. `ollama/qwen3-coder`. */
  name: string
  scripted: boolean
  /** Whether its price is known: without it a budget in dollars cannot be kept. */
  priced: boolean
  /** In tokens; null when not known. */
  contextWindow: number | null
  /**
   * One answer. Retries what passes (429, 5xx, 529, cut and silent streams) by itself, following `retry-after`;
   * rejects with ModelError when it gives up, and with the signal's reason when aborted.
   */
  complete(request: ModelRequest): Promise<ModelResponse>
}

/** Finds models by name. */
export interface Models {
  /** Throws AppError('invalid') for a name that can never work (unknown provider prefix, unknown script). */
  get(name: string): Model
  list(): import('../contract/models.ts').ModelInfo[]
}

export interface ProviderChecks {
  /** Asks the provider whether it answers. Rejects with `not_found` for one that is not known. */
  check(provider: string): Promise<import('../contract/models.ts').ProviderCheck>
}
