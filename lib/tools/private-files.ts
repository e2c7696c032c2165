// Two things every file tool has in common: what is in a .env file is not for a model's eyes, and a mark that stands for a
// secret is never written to a file in its place.
import { lstat } from 'node:fs/promises'
import { isEnvFile } from '#lib/redaction/env-files'
import { MARK } from '#lib/redaction/redactor'
import type { Workspace } from '#lib/workspace/workspace'
import type { Tool } from './tool.ts'

interface Options {
  /** The person said that .env files may be read when they are asked for by name. */
  allowEnvFiles: boolean
  /** Replaces the marks of what the project itself holds. */
  restore(text: string): string
}

const READERS = new Set(['file_read', 'file_patch'])
const WRITERS = new Set(['file_write', 'file_patch'])

export function withPrivateFiles(tools: Tool[], options: Options): Tool[] {
  return tools.map(tool => {
    if (!READERS.has(tool.name) && !WRITERS.has(tool.name)) return tool
    return {
      ...tool,
      async run(context) {
        const input = context.input as Record<string, unknown> // both kinds take an object with a path
        if (!options.allowEnvFiles) await refuseEnvFile(tool.name, String(input.path), context.workspace)
        return tool.run(
          WRITERS.has(tool.name) ? { ...context, input: restored(input, options.restore) } : context,
        )
      },
    }
  })
}

async function refuseEnvFile(tool: string, path: string, workspace: Workspace): Promise<void> {
  // Where a link leads counts, and what the link is called.
  const real = await workspace.resolve(path)
  if (!isEnvFile(real) && !isEnvFile(path)) return
  const isThere = await lstat(real).then(
    () => true,
    () => false,
  )
  if (!READERS.has(tool) && !isThere) return // a new one holds only what the model writes
  throw new Error(
    `${path} holds settings that are nobody else's business, so it is neither shown nor changed here. Work with the names of its variables, as the code or an example file shows them; a person can allow it with RETRAI_ALLOW_ENV_FILES=1.`,
  )
}

function restored(
  input: Record<string, unknown>,
  restore: (text: string) => string,
): Record<string, unknown> {
  const result = Object.fromEntries(
    Object.entries(input).map(([name, value]) => [name, typeof value === 'string' ? restore(value) : value]),
  )
  const unknown = Object.values(result).find(value => typeof value === 'string' && MARK.test(value))
  if (unknown !== undefined)
    throw new Error(
      'Nothing was written: a mark such as [redacted:1a2b3c4d] stands for a secret that was taken out of what you read, and is not to be written in its place. Change only the lines around it, or edit the file in place with bash_exec (sed).',
    )
  return result
}
