import { z } from 'zod'
import { searchFiles } from './search-files.ts'
import { defineTool } from './tool.ts'

const MAX_RESULTS = 300

export const findFiles = defineTool({
  name: 'find_files',
  description: [
    'Finds files by a glob, e.g. **/*.test.ts, src/**/*.{ts,tsx} or package.json.',
    'A pattern without a slash matches file names anywhere. Ignored files (.gitignore) and dependency folders are left out.',
  ].join(' '),
  input: z.object({
    glob: z.string().min(1).meta({ description: 'Glob pattern' }),
    path: z
      .string()
      .default('.')
      .meta({ description: 'Directory to search, relative to the project; default its root' }),
  }),
  readOnly: true,
  async run({ input, workspace, signal }) {
    const path = await workspace.resolve(input.path)
    const { paths, total } = await searchFiles(
      workspace,
      { path, glob: input.glob, maxResults: MAX_RESULTS },
      signal,
    )
    if (total === 0)
      return { output: `No file matches ${input.glob}. Try **/ in front of it, or look with file_list.` }
    const cut = total > paths.length
    if (cut) paths.push(`[${total - paths.length} more of ${total}; use a narrower glob or path]`)
    return { output: paths.join('\n'), truncated: cut, details: { total } }
  },
})
