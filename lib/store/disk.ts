// Room on the disk of the data directory. A ballast file is kept there: when the disk is full it is let go, so that what has to
// be said about it can still be stored.
import { randomBytes } from 'node:crypto'
import { statfs as nodeStatfs, open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '#lib/errors'
import { hasNoRoom } from '#lib/no-room'
import { createTurns } from '#lib/turns'

const MIB = 1024 * 1024
const BALLAST_BYTES = 8 * MIB
/** Less than this, and no run is taken in. */
const LEAST_BYTES = MIB
/** What has to be free before paused runs go on: else they would fill it at once. */
const ROOM_BYTES = 64 * MIB
const LEAST_ROOM_BYTES = 4 * MIB
const PIECE_BYTES = MIB

export interface Disk {
  /** Known to be full: from release() until room was found. */
  readonly isFull: boolean
  /** Once, before the database is opened: makes the ballast, or lets it go where the disk is full already. */
  prepare(): Promise<void>
  /** The disk is full: lets the ballast go. Safe to call again and again. */
  release(): Promise<void>
  /** Whether work can go on. Never rejects. */
  hasRoom(): Promise<boolean>
  /** Where there is room: the disk counts as full no longer, and the ballast is there again. Never rejects. */
  refill(): Promise<void>
  /** Rejects with AppError('disk_full') when no new run should be stored. */
  refuseWhenFull(): Promise<void>
}

interface Space {
  bsize: number
  blocks: number
  bavail: number
}

export function createDisk({
  dataDir,
  statfs = nodeStatfs,
}: {
  dataDir: string
  /** Only tests give another. */
  statfs?: (folder: string) => Promise<Space>
}): Disk {
  const ballast = path.join(dataDir, 'ballast')
  const inTurn = createTurns()
  let isFull = false

  /** Bytes; null where the system does not say. */
  async function space(): Promise<{ free: number; total: number } | null> {
    const found = await statfs(dataDir).catch(() => null)
    return found && { free: found.bavail * found.bsize, total: found.blocks * found.bsize }
  }
  async function isShort(): Promise<boolean> {
    const found = await space()
    return found !== null && found.free < LEAST_BYTES
  }
  async function hasRoom(): Promise<boolean> {
    const found = await space()
    if (found && found.free < roomOf(found.total)) return false
    // A quota shows only when one writes; it is asked for only when there is reason to.
    return !isFull || !(await hasNoRoom(dataDir, LEAST_BYTES))
  }
  async function release() {
    isFull = true
    await rm(ballast, { force: true })
  }
  async function refill() {
    if (!(await hasRoom())) return
    isFull = false
    const found = await space()
    const size = Math.min(BALLAST_BYTES, Math.floor((found?.total ?? Number.POSITIVE_INFINITY) / 16))
    await makeBallast(ballast, size)
  }

  return {
    get isFull() {
      return isFull
    },
    prepare: () => inTurn(async () => ((await isShort()) ? release() : refill())),
    release: () => inTurn(release),
    hasRoom,
    refill: () => inTurn(refill),
    async refuseWhenFull() {
      // Nobody else may be looking: without a paused run this is where room is noticed.
      if (isFull) await inTurn(refill)
      if (isFull || (await isShort())) {
        throw new AppError('disk_full', `The disk of ${dataDir} is full: free some space, then try again`)
      }
    },
  }
}

const roomOf = (total: number) => Math.min(ROOM_BYTES, Math.max(LEAST_ROOM_BYTES, total / 8))

/** Real bytes, which no file system can compress or leave out. */
async function makeBallast(file: string, size: number): Promise<void> {
  if ((await stat(file).catch(() => null))?.size === size) return
  try {
    const handle = await open(file, 'w', 0o600)
    try {
      for (let written = 0; written < size; written += PIECE_BYTES) {
        await handle.writeFile(randomBytes(Math.min(PIECE_BYTES, size - written)))
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {
    // No room after all, or no permission. It is only a help: the server works without it.
    await rm(file, { force: true }).catch(() => {})
  }
}
