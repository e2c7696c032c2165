// A model that replays a scripted conversation with real tools: for the demo, for trials without a key, and for tests.
// Always labelled as scripted; no model is called, nothing is spent.
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { ContentBlock, Message, Model, ModelRequest, ModelResponse } from './model.ts'

const count = z.int().min(0).default(0)

export const Script = z.strictObject({
  title: z.string().min(1).max(200),
  turns: z
    .array(
      z.strictObject({
        text: z.string().optional(),
        tool_calls: z
          .array(z.strictObject({ tool: z.string().min(1), args: z.record(z.string(), z.unknown()) }))
          .default([]),
        /** Only where a script is meant to try out budgets: nothing is really used, so the default is nothing. */
        usage: z
          .strictObject({
            input_tokens: count,
            output_tokens: count,
            cache_read_input_tokens: count,
            cache_creation_input_tokens: count,
          })
          .prefault({}),
        /** How long the answer takes, so that a demo can be watched. */
        delay_ms: z.number().min(0).max(60_000).default(150),
        stop_reason: z.string().optional(),
      }),
    )
    .min(1),
  /** What it answers when it is asked apart from the conversation: by iteration, the last one for all further ones. */
  judge: z.array(z.string()).default([]),
  write_check: z.array(z.string()).default([]),
})
export type Script = z.infer<typeof Script>
type Turn = Script['turns'][number]

export interface ScriptedModelOptions {
  /** What the run asked for, `scripted/` included. */
  name: string
  script: Script
  /** Factor on every delay; 0 answers at once. */
  pace?: number | undefined
}

/** The turn a request asks for: as many as the model has already answered, so a restarted run goes on where it was. */
export function turnOf(script: Script, messages: Message[]): Turn {
  const answered = messages.filter(message => message.role === 'assistant').length
  return script.turns[answered] ?? over(script, answered)
}

function asideOf(
  script: Script,
  { purpose, iteration }: { purpose: 'judge' | 'write_check'; iteration: number },
): Turn {
  const answers = script[purpose]
  const text = answers[Math.min(iteration, answers.length - 1)] ?? UNSAID
  const usage = {
    input_tokens: 0,
    output_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  }
  return { text, tool_calls: [], usage, delay_ms: 0 }
}
const UNSAID = '{"achieved": false, "score": 0, "reason": "This script does not say what a judge would."}'

export function createScriptedModel({ name, script, pace = 1 }: ScriptedModelOptions): Model {
  async function complete({ messages, signal, onText, aside }: ModelRequest): Promise<ModelResponse> {
    const started = performance.now()
    signal.throwIfAborted()
    const turn = aside ? asideOf(script, aside) : turnOf(script, messages)
    const words = turn.text?.match(/\s*\S+\s*/g) ?? []
    const pauseMs = (turn.delay_ms * pace) / Math.max(1, words.length)
    for (const word of words) {
      await pause(pauseMs, signal)
      onText?.(word)
    }
    if (words.length === 0) await pause(pauseMs, signal)
    return {
      content: contentOf(turn, messages.length),
      stopReason: turn.stop_reason ?? (turn.tool_calls.length > 0 ? 'tool_use' : 'end_turn'),
      usage: turn.usage,
      costUsd: 0,
      model: name,
      durationMs: Math.round(performance.now() - started),
      attempts: 1,
      malformedArgs: {},
    }
  }

  return { name, scripted: true, priced: true, contextWindow: null, complete }
}

/** Call ids are told apart by their place in the conversation, so they are the same when a request is repeated. */
function contentOf(turn: Turn, place: number): ContentBlock[] {
  return [
    ...(turn.text?.trim() ? [{ type: 'text' as const, text: turn.text }] : []),
    ...turn.tool_calls.map(({ tool, args }, index) => ({
      type: 'tool_use' as const,
      id: `call_${place}_${index + 1}`,
      name: tool,
      input: args,
    })),
  ]
}

function over(script: Script, answered: number): Turn {
  return {
    text: `The script “${script.title}” is over after ${answered} answers; a scripted model has nothing more to say.`,
    tool_calls: [],
    usage: {
      input_tokens: 0,
      output_tokens: 0,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    },
    delay_ms: 0,
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return signal.throwIfAborted()
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    // The timer's own AbortError would hide the caller's reason.
    signal.throwIfAborted()
    throw error
  }
}
