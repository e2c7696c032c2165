import { z } from 'zod'
import { writeFileInside } from '#lib/workspace/files'
import { lineOf, placesOf, whyNotFound } from './find-text.ts'
import { flag } from './input.ts'
import { lineDiff } from './line-diff.ts'
import { readText } from './text-file.ts'
import { defineTool } from './tool.ts'

const MAX_PLACES = 20

export const filePatch = defineTool({
  name: 'file_patch',
  description: [
    'Replaces a text in a file by another. old_text must be exactly what the file contains, indentation included,',
    'and must occur once, so give enough lines around the change; or set replace_all. Line numbers of file_read are not part of it.',
    'For a new file use file_write.',
  ].join(' '),
  input: z.object({
    path: z.string().min(1).meta({ description: 'Relative to the project' }),
    old_text: z.string().meta({ description: 'Exact text to replace' }),
    new_text: z.string().meta({ description: 'What stands there instead; empty to delete' }),
    replace_all: flag('Replace every occurrence; default false').default(false),
  }),
  readOnly: false,
  async run({ input, workspace }) {
    const { path } = input
    if (input.old_text === '')
      throw new Error('old_text is empty; give the text to replace, or use file_write.')
    if (input.old_text === input.new_text)
      throw new Error('old_text and new_text are the same; nothing was changed.')
    const before = await readText(workspace, path)
    const { oldText, newText } = withLineEndings(before, input.old_text, input.new_text)
    const places = placesOf(before, oldText)
    if (places.length === 0)
      throw new Error(`old_text is not in ${path}. ${whyNotFound(before, input.old_text)}`)
    if (places.length > 1 && !input.replace_all) throw new Error(notUnique(before, path, places))

    const after = before.split(oldText).join(newText)
    const written = await writeFileInside(workspace.root, path, after)
    const { insertions, deletions, diff } = lineDiff(before, after)
    const where = input.replace_all
      ? `${places.length} ${places.length === 1 ? 'place' : 'places'}`
      : `line ${lineOf(before, places[0]!)}`
    return {
      output: `Changed ${written.path} at ${where} (+${insertions} -${deletions} lines).`,
      details: { path: written.path, replaced: places.length, insertions, deletions, diff },
    }
  },
})

/** Models write \n; in a file with CRLF both texts are meant with its line endings. */
function withLineEndings(before: string, oldText: string, newText: string) {
  if (before.includes(oldText) && !oldText.includes('\n') && !newText.includes('\n'))
    return { oldText, newText }
  if (!before.includes('\r\n')) return { oldText, newText }
  const crlf = (text: string) => text.replace(/\r?\n/g, '\r\n')
  // A file with mixed endings: what is there exactly is taken as it is.
  if (before.includes(oldText) && oldText.includes('\n') && !before.includes(crlf(oldText)))
    return { oldText, newText }
  return { oldText: crlf(oldText), newText: crlf(newText) }
}

function notUnique(before: string, path: string, places: number[]): string {
  const lines = places.slice(0, MAX_PLACES).map(at => lineOf(before, at))
  const more = places.length > MAX_PLACES ? ' …' : ''
  return `old_text occurs ${places.length} times in ${path}, at lines ${lines.join(', ')}${more}. Add lines around it so that it is unique, or set replace_all.`
}
