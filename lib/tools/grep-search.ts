import { z } from 'zod'
import { isEnvFile } from '#lib/redaction/env-files'
import { cutForModel } from '#lib/workspace/cut-output'
import { flag, wholeNumber } from './input.ts'
import { searchWithRipgrep } from './ripgrep.ts'
import { type FoundLines, type SearchResult, searchFiles } from './search-files.ts'
import { defineTool } from './tool.ts'

const MAX_MATCHES = 200

export const grepSearch = defineTool({
  name: 'grep_search',
  description: [
    'Searches the contents of files by a regular expression, line by line, and returns path:line:text.',
    'Ignored files (.gitignore), dependency folders and binary files are left out.',
    'Escape special characters to search for text as it is.',
  ].join(' '),
  input: z.object({
    pattern: z.string().min(1).meta({ description: 'Regular expression, e.g. function\\s+load' }),
    path: z
      .string()
      .default('.')
      .meta({ description: 'File or directory, relative to the project; default all of it' }),
    glob: z.string().optional().meta({ description: 'Only files that match, e.g. *.ts or src/**/*.py' }),
    ignore_case: flag('Default false').default(false),
    context: wholeNumber(0, 10, 'Lines shown before and after each match; default 0').default(0),
  }),
  readOnly: true,
  async run({ input, workspace, signal }) {
    const search = {
      path: await workspace.resolve(input.path),
      glob: input.glob,
      maxResults: MAX_MATCHES,
      grep: { pattern: input.pattern, ignoreCase: input.ignore_case, context: input.context },
    }
    const found =
      (await searchWithRipgrep(workspace, search, signal)) ?? (await searchFiles(workspace, search, signal))
    const privateFiles = found.matches.map(({ path }) => path).filter(isEnvFile)
    const hidden = privateFiles.length > 0 ? `\n[lines of ${privateFiles.join(', ')} are not shown]` : ''
    if (found.total === 0) return { output: nothingFound(found, input.glob) }
    const shown = cutForModel(
      found.matches
        .filter(({ path }) => !isEnvFile(path))
        .flatMap(toLines)
        .join('\n'),
    )
    const cut = found.total > MAX_MATCHES
    const note = cut
      ? `\n[${MAX_MATCHES} of ${found.total} matching lines shown; narrow it with path, glob or the pattern]`
      : ''
    return {
      output: shown.text + note + hidden,
      truncated: cut || shown.truncated,
      details: { total: found.total },
    }
  },
})

function toLines({ path, lines }: FoundLines): string[] {
  return lines.map(([number, isMatch, text]) =>
    isMatch ? `${path}:${number}:${text}` : `${path}-${number}-${text}`,
  )
}

function nothingFound({ filesSearched }: SearchResult, glob: string | undefined): string {
  if (filesSearched === 0 && glob) return `No file matches the glob ${glob}.`
  return 'No line matches. Try ignore_case or a shorter pattern.'
}
