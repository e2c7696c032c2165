// Asks search-process.mjs: the search runs in the workspace like any command, so it is killed and cleaned up like one.
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Workspace } from '#lib/workspace/workspace'
import { SKIPPED_FOLDERS } from './skipped-folders.ts'

export interface Search {
  /** Absolute, inside the workspace. */
  path: string
  glob?: string
  maxResults: number
  grep?: { pattern: string; ignoreCase: boolean; context: number }
}

const Line = z.tuple([z.number(), z.boolean(), z.string()])
const Answer = z.object({
  error: z.string().optional(),
  results: z.array(z.union([z.string(), z.object({ path: z.string(), lines: z.array(Line) })])).default([]),
  total: z.number().default(0),
  files: z.number().default(0),
})

export interface FoundLines {
  path: string
  /** Number, whether it matches (else it is context), text. */
  lines: z.infer<typeof Line>[]
}

export interface SearchResult {
  /** Of a search without `grep`. */
  paths: string[]
  /** Of a search with `grep`. */
  matches: FoundLines[]
  /** True number, however many are listed. */
  total: number
  filesSearched: number
}

const TIMEOUT_MS = 30_000

/** Throws a sentence for the model when the pattern is wrong or the search takes too long. */
export async function searchFiles(
  workspace: Workspace,
  search: Search,
  signal: AbortSignal,
): Promise<SearchResult> {
  const result = await workspace.run({
    command: 'exec "$RETRAI_SEARCH_NODE" "$RETRAI_SEARCH_SCRIPT"',
    env: {
      RETRAI_SEARCH: JSON.stringify({ ...search, root: workspace.root, skipped: [...SKIPPED_FOLDERS] }),
      RETRAI_SEARCH_NODE: process.execPath,
      RETRAI_SEARCH_SCRIPT: fileURLToPath(new URL('./search-process.mjs', import.meta.url)),
    },
    isOurs: true,
    timeoutMs: TIMEOUT_MS,
    signal,
    keepBytes: 16 * 1024 * 1024,
  })
  if (result.timedOut)
    throw new Error('The search took longer than 30 s; narrow it with path or glob, or simplify the pattern.')
  const answer = parse(result.output)
  if (!answer)
    throw new Error(`The search failed: ${result.output.slice(0, 500) || `exit code ${result.exitCode}`}`)
  if (answer.error) throw new Error(answer.error)
  return {
    paths: answer.results.filter(found => typeof found === 'string'),
    matches: answer.results.filter(found => typeof found !== 'string'),
    total: answer.total,
    filesSearched: answer.files,
  }
}

function parse(output: string): z.infer<typeof Answer> | null {
  try {
    return Answer.parse(JSON.parse(output))
  } catch {
    return null // What it printed instead is shown.
  }
}
