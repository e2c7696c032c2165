import { relative, resolve } from 'node:path'
import { z } from 'zod'
import type { DiffStat } from '#lib/contract/events/shared'
import { cutForModel } from '#lib/workspace/cut-output'
import { defineTool } from './tool.ts'

const MAX_LISTED = 100

export const gitDiff = defineTool({
  name: 'git_diff',
  description: [
    'Shows what this run has changed since it started, as a summary and a unified diff, new files included.',
    'Works without a git repository. For the history of the repository use git with bash_exec.',
  ].join(' '),
  input: z.object({
    path: z.string().optional().meta({ description: 'Only this file or directory, relative to the project' }),
  }),
  readOnly: true,
  async run({ input, workspace, diffSinceStart }) {
    const diff = await diffSinceStart()
    if (!diff) {
      throw new Error(
        `${workspace.snapshotProblem ?? 'There are no snapshots of this project.'} Use git diff with bash_exec.`,
      )
    }
    const files = diff.stat.by_file
    const filter = input.path && relative(workspace.root, resolve(workspace.root, input.path))
    const wanted = files.map(file => !filter || file.path === filter || file.path.startsWith(`${filter}/`))
    const chosen = files.filter((_, index) => wanted[index])
    if (chosen.length === 0) {
      return {
        output:
          input.path && files.length > 0 ? `Nothing changed in ${input.path}.` : 'Nothing has changed yet.',
      }
    }
    // The diff has one section for each file, in the same order.
    const sections = diff.patch
      .split(/^(?=diff --git )/m)
      .filter(section => section.startsWith('diff --git '))
    const patch = sections.filter((_, index) => (input.path ? wanted[index] : true)).join('')
    const shown = cutForModel(patch)
    const notes = diff.truncated ? ['[the diff is cut; ask for a path, or read the files]'] : []
    return {
      output: [summary(diff.stat, chosen, input.path), shown.text.trimEnd(), ...notes].join('\n\n'),
      truncated: diff.truncated || shown.truncated,
      bytes: Buffer.byteLength(patch),
    }
  },
})

function summary(stat: DiffStat, files: DiffStat['by_file'], filter: string | undefined): string {
  const lines = files
    .slice(0, MAX_LISTED)
    .map(
      file =>
        `${file.status} ${file.path}${file.binary ? ' (binary)' : ` +${file.insertions} -${file.deletions}`}`,
    )
  if (files.length > MAX_LISTED) lines.push(`… and ${files.length - MAX_LISTED} more files`)
  const total = `${stat.files} ${stat.files === 1 ? 'file' : 'files'} changed, +${stat.insertions} -${stat.deletions}`
  return [filter ? `${total} in all` : total, ...lines].join('\n')
}
