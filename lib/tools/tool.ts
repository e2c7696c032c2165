// What a tool is. Adding one: a file beside this one, and its line in registry.ts.
import type { z } from 'zod'
import type { Diff, Workspace } from '../workspace/workspace.ts'

export interface ToolContext<Input> {
  /** What the schema's parser returned. */
  input: Input
  workspace: Workspace
  signal: AbortSignal
  /** Live output for people who watch; not stored. */
  onProgress(chunk: string): void
  /** What the run changed since its start; null without snapshots. */
  diffSinceStart(): Promise<Diff | null>
}

export interface ToolOutput {
  /** What the model reads. Long output is cut by the tool itself, saying what is missing and how to get it. */
  output: string
  /** Of a command, null when it was killed; left out for other tools. */
  exitCode?: number | null
  /** Default true when exitCode is not 0. A failing command is not an error of the tool: say so with false. */
  isError?: boolean
  truncated?: boolean
  /** True size of the output before it was cut; default the size of `output`. */
  bytes?: number
  /** For the dashboard, not for the model. Small. */
  details?: Record<string, unknown>
}

export interface Tool<Input = unknown> {
  name: string
  /** The model reads this: what it does, its limits, when to use another. */
  description: string
  input: z.ZodType<Input>
  /** Read-only calls of one turn run side by side, and are simply run again after a crash. */
  readOnly: boolean
  /** Of a tool that runs commands: which, and where, relative to the project. Rules about commands look at it first. */
  commandOf?(input: Input): { command: string; cwd: string | undefined }
  /** Throws to report a failure; the message is what the model reads. */
  run(context: ToolContext<Input>): Promise<ToolOutput>
}

export function defineTool<Input>(tool: Tool<Input>): Tool<Input> {
  return tool
}
