import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasNoRoom, saysNoRoom } from './no-room.ts'
import { canMount, smallDisk } from './testing/small-disk.ts'
import { tempFolder } from './testing/temp-folder.ts'

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields)

describe('an error', () => {
  it.each([
    error('ENOSPC: no space left on device, write', { code: 'ENOSPC' }),
    error('EDQUOT: quota', { code: 'EDQUOT' }),
    error('git update-index failed (128): error: file write error: No space left on device'),
    error('outer', { cause: error('inner', { cause: error('x', { code: 'SQLITE_FULL' }) }) }),
    new AggregateError([error('other'), error('x', { code: 'ENOSPC' })]),
  ])('says that there is no room: %s', thrown => expect(saysNoRoom(thrown)).toBe(true))

  it.each([error('EACCES', { code: 'EACCES' }), null, undefined, 'text', error('full of mistakes')])(
    'does not say so: %s',
    thrown => expect(saysNoRoom(thrown)).toBe(false),
  )
})

describe('a folder', () => {
  it('that can be written, or is not there, does not lack room; nothing is left of the trial', async () => {
    const folder = tempFolder('room')
    expect(await hasNoRoom(folder)).toBe(false)
    expect(readdirSync(folder)).toEqual([])
    expect(await hasNoRoom(path.join(folder, 'not there'))).toBe(false)
  })

  it.runIf(canMount())('on a full file system lacks it', async () => {
    const small = smallDisk()
    small.fill(20_000)
    expect(await hasNoRoom(small.folder)).toBe(true)
    expect(readdirSync(small.folder)).toEqual(['filler'])
    small.makeRoom()
    expect(await hasNoRoom(small.folder)).toBe(false)
  })
})
