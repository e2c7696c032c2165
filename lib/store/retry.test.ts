import { describe, expect, it } from 'vitest'
import { retryWhileBusy } from './retry.ts'

const busy = () => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })

describe('work that finds the database locked', () => {
  it('is tried again until it succeeds', async () => {
    let tries = 0
    const work = async () => {
      tries += 1
      if (tries < 5) throw busy()
      return 'done'
    }
    expect(await retryWhileBusy(work, 60_000)).toBe('done')
    expect(tries).toBe(5)
  })

  it('is given up after the limit, with the error', async () => {
    let tries = 0
    const work = () => {
      tries += 1
      throw busy()
    }
    await expect(retryWhileBusy(work, 60)).rejects.toThrow('database is locked')
    expect(tries).toBeGreaterThan(2)
  })

  it('is tried once when the error is another', async () => {
    let tries = 0
    const work = () => {
      tries += 1
      throw new Error('no such table: Run')
    }
    await expect(retryWhileBusy(work, 60_000)).rejects.toThrow('no such table')
    expect(tries).toBe(1)
  })
})
