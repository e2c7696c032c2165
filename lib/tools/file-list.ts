import { posix } from 'node:path'
import { z } from 'zod'
import { listInside } from '#lib/workspace/files'
import type { Workspace } from '#lib/workspace/workspace'
import { wholeNumber } from './input.ts'
import { SKIPPED_FOLDERS } from './skipped-folders.ts'
import { defineTool } from './tool.ts'

const MAX_ENTRIES = 500

export const fileList = defineTool({
  name: 'file_list',
  description: [
    'Lists a directory as a tree, with sizes of files.',
    'Dependency and repository folders (node_modules, .git, …) are named but not opened.',
    'To find files by name use find_files.',
  ].join(' '),
  input: z.object({
    path: z
      .string()
      .default('.')
      .meta({ description: 'Directory relative to the project; default its root' }),
    depth: wholeNumber(1, 6, 'How many levels; default 2').default(2),
  }),
  readOnly: true,
  async run({ input, workspace, signal }) {
    const lines: string[] = []
    const complete = await list(workspace, input.path, input.depth, '', lines, signal)
    if (!complete) lines.push(`[more than ${MAX_ENTRIES} entries; list a folder of it, or use find_files]`)
    return { output: lines.join('\n') || '[the directory is empty]', truncated: !complete }
  },
})

/** false when there was more than may be shown. */
async function list(
  workspace: Workspace,
  path: string,
  depth: number,
  indent: string,
  lines: string[],
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted()
  for (const entry of await listInside(workspace.root, path)) {
    if (lines.length >= MAX_ENTRIES) return false
    if (entry.kind !== 'directory') {
      const note =
        entry.kind === 'file' ? sizeText(entry.size) : entry.kind === 'link' ? 'link' : 'special file'
      lines.push(`${indent}${entry.name}  ${note}`)
      continue
    }
    const skipped = SKIPPED_FOLDERS.has(entry.name)
    lines.push(`${indent}${entry.name}/${skipped ? '  (not opened)' : ''}`)
    if (skipped || depth <= 1) continue
    if (!(await list(workspace, posix.join(path, entry.name), depth - 1, `${indent}  `, lines, signal)))
      return false
  }
  return true
}

function sizeText(size: number | null): string {
  if (size === null) return ''
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`
  return `${(size / 1_000_000).toFixed(1)} MB`
}
