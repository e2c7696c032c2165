import { z } from 'zod'
import { writeFileInside } from '#lib/workspace/files'
import { lineDiff } from './line-diff.ts'
import { textBefore } from './text-file.ts'
import { defineTool } from './tool.ts'

export const fileWrite = defineTool({
  name: 'file_write',
  description: [
    'Writes a whole file: creates it, with its parent directories, or replaces all of its content.',
    'To change a part of an existing file use file_patch.',
  ].join(' '),
  input: z.object({
    path: z.string().min(1).meta({ description: 'Relative to the project' }),
    content: z.string().meta({ description: 'The complete new content' }),
  }),
  readOnly: false,
  async run({ input: { path, content }, workspace }) {
    const before = await textBefore(workspace, path)
    if (before === content)
      return { output: `${path} has exactly this content already; nothing was changed.` }
    const written = await writeFileInside(workspace.root, path, content)
    const { insertions, deletions, diff } = lineDiff(before ?? '', content)
    const lines = `${insertions} ${insertions === 1 ? 'line' : 'lines'}`
    return {
      output: written.created
        ? `Created ${written.path} (${lines}).`
        : `Replaced ${written.path} (+${insertions} -${deletions} lines).`,
      bytes: Buffer.byteLength(content),
      details: { path: written.path, created: written.created, insertions, deletions, diff },
    }
  },
})
