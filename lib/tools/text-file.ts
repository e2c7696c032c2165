import { isAppError } from '#lib/errors'
import { readFileInside } from '#lib/workspace/files'
import type { Workspace } from '#lib/workspace/workspace'

/** As git decides it: a NUL in the first 8,000 bytes. */
export function isBinary(content: Uint8Array): boolean {
  return content.subarray(0, 8000).includes(0)
}

/** The file's text, exactly: writing it again gives the same bytes. Throws a sentence when it is not UTF-8 text. */
export async function readText(workspace: Workspace, path: string): Promise<string> {
  const { content } = await readFileInside(workspace.root, path)
  // Keeps a byte order mark, which is part of the file.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)
  if (isBinary(content) || !Buffer.from(text).equals(content)) {
    throw new Error(`${path} is not UTF-8 text; change it with bash_exec.`)
  }
  return text
}

/** null when it does not exist or is no text. */
export async function textBefore(workspace: Workspace, path: string): Promise<string | null> {
  try {
    return await readText(workspace, path)
  } catch (error) {
    if (isAppError(error) || error instanceof Error) return null // Whether it can be written is decided when writing.
    throw error
  }
}
