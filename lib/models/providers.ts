// Endpoints besides Anthropic's own that speak the Messages API, by the prefix of a model's name.
import type { Timing } from './retry.ts'

export interface Provider {
  title: string
  baseUrl: string
  /** Name of the variable with the key; null: the endpoint wants none. */
  keyVariable: string | null
  /** Requests without the key are sent all the same, with a placeholder. */
  keyOptional?: boolean
  timing?: Partial<Timing>
}

export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com'

// A model on the same machine may read a long prompt for minutes before it says the first word, and then write
// slowly; Node's fetch itself gives up after 300 s without a byte.
const ownMachine: Partial<Timing> = { idleMs: 290_000, totalMs: 3_600_000 }

export const DEFAULT_PROVIDERS: Record<string, Provider> = {
  ollama: { title: 'Ollama', baseUrl: 'http://127.0.0.1:11434', keyVariable: null, timing: ownMachine },
  lmstudio: { title: 'LM Studio', baseUrl: 'http://127.0.0.1:1234', keyVariable: null, timing: ownMachine },
  vllm: {
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000',
    keyVariable: 'VLLM_API_KEY',
    keyOptional: true,
    timing: ownMachine,
  },
  litellm: {
    title: 'LiteLLM',
    baseUrl: 'http://127.0.0.1:4000',
    keyVariable: 'LITELLM_API_KEY',
    keyOptional: true,
  },
  openrouter: {
    title: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api',
    keyVariable: 'OPENROUTER_API_KEY',
  },
}
