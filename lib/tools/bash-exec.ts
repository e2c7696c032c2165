import { z } from 'zod'
import { LIMITS } from '#lib/limits'
import { cutForModel } from '#lib/workspace/cut-output'
import type { CommandResult } from '#lib/workspace/workspace'
import { wholeNumber } from './input.ts'
import { plainText } from './plain-text.ts'
import { defineTool } from './tool.ts'

const KEEP_BYTES = 192 * 1024
const DEFAULT_SECONDS = LIMITS.commandSeconds
const MAX_SECONDS = LIMITS.commandMaxSeconds

export const bashExec = defineTool({
  name: 'bash_exec',
  description: [
    'Runs a command with bash in the project directory and returns stdout and stderr together with the exit code.',
    'Each call is a fresh shell: no variables or working directory stay. stdin is empty, so nothing can ask questions.',
    'Background processes end with the command: start a server and use it within one command.',
    'Long output is cut in the middle; filter with grep, head or tail, or write it to a file and read parts.',
    'To look at or change files, prefer file_read, grep_search, find_files, file_patch and file_write.',
  ].join(' '),
  input: z.object({
    command: z.string().min(1).meta({ description: 'Given to bash -c' }),
    timeout_seconds: wholeNumber(
      1,
      MAX_SECONDS,
      `After this everything it started is killed; default ${DEFAULT_SECONDS}, at most ${MAX_SECONDS}`,
    ).default(DEFAULT_SECONDS),
    cwd: z
      .string()
      .optional()
      .meta({ description: 'Directory to run in, relative to the project; default its root' }),
  }),
  readOnly: false,
  commandOf: ({ command, cwd }) => ({ command, cwd }),
  async run({ input, workspace, signal, onProgress }) {
    const result = await workspace.run({
      command: input.command,
      cwd: input.cwd,
      timeoutMs: input.timeout_seconds * 1000,
      signal,
      onOutput: onProgress,
      keepBytes: KEEP_BYTES,
    })
    const shown = cutForModel(plainText(result.output).trimEnd())
    const truncated = result.truncated || shown.truncated
    const notes = notesOn(result, input.timeout_seconds, truncated)
    return {
      output: [shown.text || '[no output]', ...notes].join('\n'),
      exitCode: result.exitCode,
      // That a test fails is what the model wanted to know, no failure of the tool.
      isError: false,
      truncated,
      bytes: result.bytes,
      details: { duration_ms: Math.round(result.durationMs), timed_out: result.timedOut },
    }
  },
})

function notesOn(result: CommandResult, timeoutSeconds: number, truncated: boolean): string[] {
  const notes: string[] = []
  if (truncated) notes.push(`[output cut; it had ${result.bytes.toLocaleString('en-US')} bytes]`)
  if (result.timedOut) {
    const more =
      timeoutSeconds < MAX_SECONDS
        ? ` Raise timeout_seconds (at most ${MAX_SECONDS}) if it needs longer, or`
        : ''
    notes.push(
      `[timed out after ${timeoutSeconds} s; it and everything it started was killed.${more || ' So'} run less at once; a command that waits for input or serves for ever never ends.]`,
    )
  } else if (result.exitCode === null) notes.push(`[killed by ${result.signal ?? 'a signal'}]`)
  else notes.push(`[exit code ${result.exitCode}]`)
  return notes
}
