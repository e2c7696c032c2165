import { z } from 'zod'
import { readFileInside } from '#lib/workspace/files'
import { wholeNumber } from './input.ts'
import { isBinary } from './text-file.ts'
import { defineTool } from './tool.ts'

const DEFAULT_LINES = 2000
const MAX_LINE_CHARS = 2000
const MAX_CHARS = 60_000

export const fileRead = defineTool({
  name: 'file_read',
  description: [
    'Reads a text file of the project with line numbers (number, tab, text; the number is not part of the file).',
    `Returns at most ${DEFAULT_LINES} lines; for more, or a part of a large file, use offset and limit.`,
    'To find where something is, use grep_search first.',
  ].join(' '),
  input: z.object({
    path: z.string().min(1).meta({ description: 'Relative to the project' }),
    offset: wholeNumber(1, 100_000_000, 'First line, counted from 1; default 1').default(1),
    limit: wholeNumber(1, 10_000, `Number of lines; default ${DEFAULT_LINES}`).default(DEFAULT_LINES),
  }),
  readOnly: true,
  async run({ input: { path, offset, limit }, workspace }) {
    const { content } = await readFileInside(workspace.root, path)
    if (isBinary(content)) {
      throw new Error(
        `${path} is a binary file (${content.length} bytes); look at it with bash_exec, e.g. file or xxd.`,
      )
    }
    const text = content.toString('utf8')
    if (text === '') return { output: '[the file is empty]', details: { path, lines: 0 } }
    const lines = text.split('\n')
    if (lines.at(-1) === '') lines.pop()
    if (offset > lines.length)
      throw new Error(`${path} has only ${lines.length} lines; use a smaller offset.`)

    const shown: string[] = []
    let chars = 0
    let next = offset - 1
    while (next < lines.length && shown.length < limit && chars < MAX_CHARS) {
      const line = `${next + 1}\t${cutLine(lines[next]!.replace(/\r$/, ''))}`
      shown.push(line)
      chars += line.length + 1
      next++
    }
    const more = next < lines.length
    if (more) shown.push(`[lines ${offset} to ${next} of ${lines.length}; continue with offset=${next + 1}]`)
    if (text.includes('\r\n')) shown.push('[line endings are CRLF; file_patch keeps them]')
    return {
      output: shown.join('\n'),
      truncated: more,
      bytes: content.length,
      details: { path, lines: lines.length, from: offset, to: next },
    }
  },
})

function cutLine(line: string): string {
  if (line.length <= MAX_LINE_CHARS) return line
  return `${line.slice(0, MAX_LINE_CHARS)} [… ${line.length - MAX_LINE_CHARS} characters of this line left out …]`
}
