// Folders of the server's machine, to choose a project's directory from.
import { z } from 'zod'
import { endpoint } from './endpoint.ts'

export const Folder = z
  .object({
    name: z.string(),
    path: z.string(),
    is_project: z
      .boolean()
      .meta({ description: 'It has what projects have: .git, package.json and the like' }),
    can_run: z.boolean().meta({ description: 'A run may work there' }),
  })
  .meta({ id: 'Folder' })
export type Folder = z.infer<typeof Folder>

export const FolderList = z
  .object({
    path: z.string().meta({ description: 'Its real place' }),
    parent: z.string().nullable().meta({ description: 'null where nothing above it may be looked into' }),
    can_run: z.boolean(),
    why_not: z.string().nullable(),
    folders: z.array(Folder),
    truncated: z.boolean(),
    starts: z.array(z.string()).meta({ description: 'Where looking for projects can begin' }),
  })
  .meta({ id: 'FolderList' })
export type FolderList = z.infer<typeof FolderList>

export const listFolders = endpoint({
  id: 'listFolders',
  method: 'GET',
  path: '/api/folders',
  tag: 'goals',
  summary: 'The folders in a folder, as far as runs may work in them or below. Hidden ones are left out',
  query: z.strictObject({
    path: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .meta({ description: "Absolute; default: around the server's working directory" }),
  }),
  response: FolderList,
  errors: ['bad_query', 'not_found'],
})
