// A file system of its own that is soon full.
import { execFile } from 'node:child_process'
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { temporaryDirectory } from '#lib/testing/server'

const run = promisify(execFile)

export interface SmallDisk {
  path: string
  freeMiB(): number
  /** Takes all room there is. */
  fill(): void
  /** Gives back what `fill` took. */
  free(): void
  remove(): Promise<void>
}

/** Null, with the reason, where nothing may be mounted. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk | { problem: string }> {
  const folder = await temporaryDirectory('retrai-disk-')
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'tmpfs', folder])
  } catch (error) {
    await rm(folder, { recursive: true })
    return { problem: String((error as Error).message).trim() }
  }
  const filler = path.join(folder, 'filler')
  return {
    path: folder,
    freeMiB() {
      const { bavail, bsize } = statfsSync(folder)
      return (bavail * bsize) / (1 << 20)
    },
    fill() {
      const file = openSync(filler, 'a')
      try {
        for (const size of [1 << 20, 4096]) writeUntilFull(file, Buffer.alloc(size, 1))
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    async remove() {
      await run('umount', ['-l', folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function writeUntilFull(file: number, block: Buffer) {
  try {
    for (;;) writeSync(file, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
