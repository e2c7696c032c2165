// Whether something failed because the disk is full. Programs and libraries say it in many ways, and a quota in yet others.
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import path from 'node:path'

const SIGNS = /ENOSPC|EDQUOT|SQLITE_FULL|database or disk is full|No space left on device|[Qq]uota exceeded/

/** Whether this error, or one it comes from, says so itself. */
export function saysNoRoom(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > 5) return SIGNS.test(String(error))
  const { code, message, cause, errors } = error as Record<string, unknown>
  return (
    SIGNS.test(`${code} ${message}`) ||
    (cause !== undefined && saysNoRoom(cause, depth + 1)) ||
    (Array.isArray(errors) && errors.some(one => saysNoRoom(one, depth + 1)))
  )
}

const PROBE_BYTES = 64 * 1024

/** Whether a small file can not be written there, for want of room or by a quota. Any other hindrance does not count. */
export async function hasNoRoom(folder: string, bytes = PROBE_BYTES): Promise<boolean> {
  const file = path.join(folder, `.probe-${randomUUID().slice(0, 8)}`)
  try {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(Buffer.alloc(bytes, 1))
      await handle.sync()
    } finally {
      await handle.close()
    }
    return false
  } catch (error) {
    return saysNoRoom(error)
  } finally {
    await rm(file, { force: true }).catch(() => {}) // Cannot be there, or cannot be reached.
  }
}
