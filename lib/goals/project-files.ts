// What goals read of a project: small text files, never outside of it, never a device or a pipe.
import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Workspace } from '../workspace/workspace.ts'

const MAX_BYTES = 1024 * 1024

/** The text of a file of at most 1 MiB; null when there is no such regular file inside the project. */
export async function readText(workspace: Workspace, path: string): Promise<string | null> {
  let file: FileHandle | null = null
  try {
    // Non-blocking, so that a named pipe cannot hold the check up.
    file = await open(await workspace.resolve(path), constants.O_RDONLY | constants.O_NONBLOCK)
    const { size } = await file.stat().then(s => (s.isFile() ? s : { size: Number.POSITIVE_INFINITY }))
    if (size > MAX_BYTES) return null
    const bytes = Buffer.alloc(size)
    const { bytesRead } = await file.read(bytes, 0, size, 0)
    return bytes.toString('utf8', 0, bytesRead)
  } catch {
    return null // Missing, unreadable or outside: for a goal all the same.
  } finally {
    await file?.close()
  }
}

/** What a path is; null when it is missing or outside the project. */
export async function kindOf(workspace: Workspace, path: string): Promise<'file' | 'folder' | null> {
  try {
    const found = await stat(await workspace.resolve(path))
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : null
  } catch {
    return null // As above.
  }
}
