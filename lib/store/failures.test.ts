import { describe, expect, it } from 'vitest'
import { failureOf } from './failures.ts'

const error = (message: string, fields: object = {}) => Object.assign(new Error(message), fields)

describe('a failed statement', () => {
  it.each([
    ['busy', error('database is locked', { code: 'SQLITE_BUSY', rawCode: 5 })],
    ['busy', error('database table is locked', { code: 'SQLITE_LOCKED' })],
    ['busy', error('x', { code: 'P1008' })],
    ['busy', error('x', { cause: { kind: 'SocketTimeout' } })],
    ['disk_full', error('database or disk is full', { code: 'SQLITE_FULL' })],
    ['disk_full', error('x', { cause: error('no space left on device, write', { code: 'ENOSPC' }) })],
    ['disk_full', error('quota', { code: 'EDQUOT' })],
    ['disk_error', error('disk I/O error', { code: 'SQLITE_IOERR_WRITE' })],
    ['unique', error('x', { code: 'P2002' })],
    ['unique', error('UNIQUE constraint failed: Event.runId, Event.seq')],
    ['corrupt', error('database disk image is malformed', { code: 'SQLITE_CORRUPT' })],
    [null, error('no such table: Run')],
    [null, null],
    [null, 'a string'],
  ])('is %s', (failure, thrown) => {
    expect(failureOf(thrown)).toBe(failure)
  })
})
