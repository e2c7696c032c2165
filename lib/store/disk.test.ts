import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '#lib/contract/event'
import { logEvent } from '#lib/testing/records'
import { canMount, smallDisk } from '#lib/testing/small-disk'
import { tempFolder } from '#lib/testing/temp-folder'
import { MIGRATIONS, openTempStore } from '#lib/testing/temp-store'
import { checkFile } from './check-file.ts'
import type { Db } from './db.ts'
import { createDisk } from './disk.ts'
import { namesOfMigrations } from './migrate.ts'
import { StartRefused } from './start-refused.ts'
import { createStore, openStore } from './store.ts'
import type { RunRecord } from './types.ts'

const MIB = 2 ** 20
const space = (freeMib: number, totalMib: number) => async () => ({
  bsize: MIB,
  bavail: freeMib,
  blocks: totalMib,
})
const ballastOf = (folder: string) => path.join(folder, 'ballast')

function appendTo(record: RunRecord, text: string, count = 1) {
  const events = Array.from(
    { length: count },
    (_, index) =>
      ({
        ...logEvent(text),
        run_id: record.id,
        seq: record.lastSeq + 1 + index,
        ts: 1_780_000_000,
      }) as RunEvent,
  )
  return { events, record: { ...record, lastSeq: record.lastSeq + count } }
}

describe('the ballast', () => {
  it('is 8 MiB of real bytes on a large disk, and gone when it is released', async () => {
    const dataDir = tempFolder('disk')
    const disk = createDisk({ dataDir, statfs: space(1000, 100_000) })
    await disk.prepare()
    const { size, blocks, mode } = statSync(ballastOf(dataDir))
    expect({ size, mode: mode & 0o777 }).toEqual({ size: 8 * MIB, mode: 0o600 })
    expect(blocks * 512).toBeGreaterThanOrEqual(8 * MIB)
    await Promise.all([disk.release(), disk.release()])
    expect(existsSync(ballastOf(dataDir))).toBe(false)
    expect(disk.isFull).toBe(true)
    await Promise.all([disk.refill(), disk.refill(), disk.release(), disk.refill()])
    expect(disk.isFull).toBe(false)
    expect(statSync(ballastOf(dataDir)).size).toBe(8 * MIB)
    expect(readdirSync(dataDir)).toEqual(['ballast'])
  })

  it('is a sixteenth of a small disk, and made whole again where a crash left a part of it', async () => {
    const dataDir = tempFolder('disk')
    writeFileSync(ballastOf(dataDir), 'part')
    await createDisk({ dataDir, statfs: space(20, 64) }).prepare()
    expect(statSync(ballastOf(dataDir)).size).toBe(4 * MIB)
  })

  it('is not made without room, and is let go at the start of a server whose disk is full', async () => {
    const dataDir = tempFolder('disk')
    await createDisk({ dataDir, statfs: space(63, 100_000) }).prepare()
    expect(existsSync(ballastOf(dataDir))).toBe(false)
    await createDisk({ dataDir, statfs: space(64, 100_000) }).prepare()
    expect(existsSync(ballastOf(dataDir))).toBe(true)
    const full = createDisk({ dataDir, statfs: space(0, 100_000) })
    await full.prepare()
    expect(full.isFull).toBe(true)
    expect(existsSync(ballastOf(dataDir))).toBe(false)
  })
})

describe('room', () => {
  it.each([
    [64, 100_000, true],
    [63, 100_000, false],
    [8, 64, true],
    [7, 64, false],
    [4, 16, true],
    [3, 16, false],
  ])('with %i of %i MiB free: %s', async (free, total, expected) => {
    const disk = createDisk({ dataDir: tempFolder('disk'), statfs: space(free, total) })
    expect(await disk.hasRoom()).toBe(expected)
  })

  it('is asked for before a run is taken in: below 1 MiB, or while the disk is known to be full, it is refused', async () => {
    let free = 1
    const disk = createDisk({ dataDir: tempFolder('disk'), statfs: async () => space(free, 100_000)() })
    await disk.refuseWhenFull()
    free = 0
    await expect(disk.refuseWhenFull()).rejects.toMatchObject({ code: 'disk_full' })
    await disk.release()
    free = 63
    await expect(disk.refuseWhenFull()).rejects.toMatchObject({ code: 'disk_full' })
    free = 100
    await disk.refuseWhenFull()
    expect(disk.isFull).toBe(false)
  })

  it('is assumed where the system does not say', async () => {
    const disk = createDisk({
      dataDir: tempFolder('disk'),
      statfs: () => Promise.reject(new Error('ENOSYS')),
    })
    expect(await disk.hasRoom()).toBe(true)
    await disk.refuseWhenFull()
  })
})

// Without the right to mount, the made-up disks above and the page limit in store.test.ts stand in.
describe.runIf(canMount())('a file system of 16 MiB that is filled up', () => {
  it('again and again loses no event, and the same connection goes on once there is room', {
    timeout: 60_000,
  }, async () => {
    const small = smallDisk()
    const disk = createDisk({ dataDir: small.folder })
    await disk.prepare()
    expect(statSync(ballastOf(small.folder)).size).toBe(MIB)
    const store = await openTempStore(path.join(small.folder, 'retrai.db'))
    let record: RunRecord = await store.newRun()
    const commit = async (text: string, count?: number) => {
      const append = appendTo(record, text, count)
      await store.commit([append])
      record = append.record
    }
    for (let cycle = 0; cycle < 5; cycle += 1) {
      small.fill(cycle % 2 === 0 ? 0 : 300_000)
      let failure: unknown
      for (let count = 0; count < 1000 && !failure; count += 1) {
        await commit('x'.repeat(3000)).catch(error => (failure = error))
      }
      expect(failure).toMatchObject({ code: 'disk_full' })
      await disk.release()
      await commit('paused: the disk is full', 3)
      await expect(disk.refuseWhenFull()).rejects.toMatchObject({ code: 'disk_full' })
      expect(await disk.hasRoom()).toBe(false)
      expect((await store.readEvents(record.id, { limit: 100_000 })).length).toBe(record.lastSeq)
      small.makeRoom()
      expect(await disk.hasRoom()).toBe(true)
      await disk.refill()
      expect(disk.isFull).toBe(false)
      expect(statSync(ballastOf(small.folder)).size).toBe(MIB)
      await commit('it goes on')
    }
    await store.close()
    await checkFile(store.file, namesOfMigrations(MIGRATIONS))
    const again = await openTempStore(store.file)
    const seqs = (await again.readEvents(record.id, { limit: 100_000 })).map(({ seq }) => seq)
    expect(seqs).toEqual(Array.from({ length: record.lastSeq }, (_, index) => index + 1))
  })

  it('makes an error of the disk, which SQLite does not explain, a full disk; with room it stays what it is', async () => {
    const small = smallDisk()
    const failure = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
    const db = { run: { findUnique: () => Promise.reject(failure) } } as unknown as Db // all that getRun uses
    const store = createStore(db, { folder: small.folder })
    await expect(store.getRun('x')).rejects.toBe(failure)
    small.fill()
    await expect(store.getRun('x')).rejects.toMatchObject({ code: 'disk_full', cause: failure })
  })

  it('before a start lets the ballast go and opens; without a ballast it is refused in words or opens', async () => {
    const small = smallDisk()
    const file = path.join(small.folder, 'retrai.db')
    const disk = createDisk({ dataDir: small.folder })
    await disk.prepare()
    const first = await openTempStore(file)
    const record = await first.newRun()
    await first.close()
    small.fill()
    const started = createDisk({ dataDir: small.folder })
    await started.prepare()
    expect(started.isFull).toBe(true)
    const second = await openTempStore(file)
    await second.commit([appendTo(record, 'paused')])
    await second.close()
    small.fill()
    const third = await openStore(file, MIGRATIONS).catch((error: unknown) => error)
    if (third instanceof Error) {
      expect(third).toBeInstanceOf(StartRefused)
      expect(third.message).toMatch(/^the disk of .* is full; free some space, then start again$/)
    } else await (third as typeof second).close()
    small.makeRoom()
    expect(await (await openTempStore(file)).readEvents(record.id, { limit: 10 })).toHaveLength(1)
  })
})
