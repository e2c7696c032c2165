// The quick way to search, where ripgrep is installed.
import { relative, sep } from 'node:path'
import { z } from 'zod'
import type { Workspace } from '#lib/workspace/workspace'
import type { FoundLines, Search, SearchResult } from './search-files.ts'
import { SKIPPED_FOLDERS } from './skipped-folders.ts'

const TIMEOUT_MS = 30_000
const MAX_LINE_CHARS = 300
const KEEP_BYTES = 8 * 1024 * 1024

const Text = z.object({ text: z.string().optional() })
const Message = z.object({
  type: z.string(),
  data: z.object({
    path: Text.optional(),
    lines: Text.optional(),
    line_number: z.number().nullish(),
    stats: z.object({ searches: z.number() }).optional(),
  }),
})

/** null when it is not installed or could not do it: then the other way is taken. */
export async function searchWithRipgrep(
  workspace: Workspace,
  search: Search,
  signal: AbortSignal,
): Promise<SearchResult | null> {
  if (!search.grep) return null
  const { pattern, ignoreCase, context } = search.grep
  // A folder that was asked for by name is searched.
  const asked = relative(workspace.root, search.path).split(sep)
  const skipped = [...SKIPPED_FOLDERS]
    .filter(folder => !asked.includes(folder))
    .map(folder => `!**/${folder}/**`)
  const args = [
    '--json',
    '--no-config',
    '--no-require-git',
    '--hidden',
    '--sort=path',
    '--engine=auto',
    '--max-filesize=10M',
    `--context=${context}`,
  ]
  if (ignoreCase) args.push('--ignore-case')
  if (search.glob) args.push(`--glob=${search.glob.replace(/^\.\//, '')}`)
  for (const glob of skipped) args.push(`--glob=${glob}`)
  const result = await workspace.run({
    command: `command -v rg >/dev/null || exit 127; exec rg ${args.map(quote).join(' ')} --regexp=${quote(pattern)} -- ${quote(search.path)}`,
    timeoutMs: TIMEOUT_MS,
    signal,
    keepBytes: KEEP_BYTES,
  })
  // 0: found, 1: nothing found. A cut answer cannot be read.
  if ((result.exitCode !== 0 && result.exitCode !== 1) || result.truncated) return null
  const found = read(workspace.root, result.output, search.maxResults)
  // Globs relative to the folder are not understood by ripgrep; whether there is really nothing, the other way tells.
  return found?.total === 0 && search.glob ? null : found
}

function read(root: string, output: string, maxResults: number): SearchResult | null {
  const files = new Map<string, FoundLines>()
  let total = 0
  let filesSearched = 0
  for (const line of output.split('\n')) {
    if (line === '') continue
    const message = parse(line)
    if (!message) return null
    const { type, data } = message
    if (type === 'summary') filesSearched = data.stats?.searches ?? 0
    if (type !== 'match' && type !== 'context') continue
    if (type === 'match') total++
    const path = data.path?.text
    if (total > maxResults || path === undefined || !data.line_number) continue
    const name = relative(root, path)
    const found = files.get(name) ?? { path: name, lines: [] }
    files.set(name, found)
    const text = (data.lines?.text ?? '').replace(/\r?\n$/, '').slice(0, MAX_LINE_CHARS)
    found.lines.push([data.line_number, type === 'match', text])
  }
  return { paths: [], matches: [...files.values()], total, filesSearched }
}

function parse(line: string): z.infer<typeof Message> | null {
  try {
    return Message.parse(JSON.parse(line))
  } catch {
    return null // Not what ripgrep prints: some other program of that name.
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
